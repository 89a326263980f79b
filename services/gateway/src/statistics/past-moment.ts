import { moment } from '../schemas/moment.ts';

/** A moment whose state is asked for, by the time at which the log stored what happened. */
export const pastMoment = moment.openapi({
  description: 'The state at this moment, by the time at which the log stored what happened; now when absent',
});
