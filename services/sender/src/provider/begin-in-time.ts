import { DecoratorHandler, type Dispatcher } from 'undici';

/** A call, with the moment until which its first byte must have left (`performance.now()`). */
export type TimedOptions = Dispatcher.RequestOptions & { readonly beginBy: number };

/** Not a byte of the request has left. */
export class BegunTooLateError extends Error {
  override readonly name = 'BegunTooLateError';
  readonly code = 'BEGUN_TOO_LATE';
}

/**
 * Asks for the time once more when the request is about to be written. Between the decision to call and that moment a
 * connection may have to be made, and a process that was frozen meanwhile for half a minute would go on with it: after
 * the end of the mailing, or beside the sender that has taken the batch over. Timers come too late for that, since what
 * has become ready is worked on before them.
 */
export const beginInTime: Dispatcher.DispatcherComposeInterceptor = (dispatch) => (options, handler) =>
  dispatch(options, new TimedHandler(handler, (options as Partial<TimedOptions>).beginBy));

/** Its types leave out what it passes on. */
const PassingOn = DecoratorHandler as new (handler: Dispatcher.DispatchHandler) => Dispatcher.DispatchHandler;

class TimedHandler extends PassingOn {
  readonly #beginBy: number | undefined;

  constructor(handler: Dispatcher.DispatchHandler, beginBy: number | undefined) {
    super(handler);
    this.#beginBy = beginBy;
  }

  override onRequestStart(controller: Dispatcher.DispatchController, context: unknown): void {
    if (this.#beginBy !== undefined && performance.now() > this.#beginBy) {
      controller.abort(new BegunTooLateError('the call was to begin earlier'));
    } else super.onRequestStart?.(controller, context);
  }
}
