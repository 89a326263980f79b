import { type Client, type Mailing, newId } from '@herald/contracts';

const AT = '2026-01-31T09:00:00.000Z';

/** A client as the log has it after its registration, but for what is given. */
export const someClient = (given: Partial<Client> = {}): Client => ({
  id: newId(),
  phone: '79161234567',
  operatorCode: '916',
  tag: '',
  timezone: 'Europe/Moscow',
  version: 1,
  createdAt: AT,
  updatedAt: AT,
  ...given,
});

/** A mailing as the log has it after its creation, but for what is given. */
export const someMailing = (given: Partial<Mailing> = {}): Mailing => ({
  id: newId(),
  name: null,
  text: 'Hello',
  startAt: '2030-01-01T00:00:00.000Z',
  endAt: '2030-01-02T00:00:00.000Z',
  filter: { everyone: true },
  localWindow: null,
  rateLimit: null,
  priority: 5,
  status: 'scheduled',
  version: 1,
  createdAt: AT,
  updatedAt: AT,
  startedAt: null,
  endedAt: null,
  settledAt: null,
  audience: null,
  ...given,
});
