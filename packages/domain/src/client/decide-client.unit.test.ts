import { describe, expect, test } from 'vitest';
import { specifying } from '../../test/decision-spec.ts';
import { aClient, BEFORE, clientState, commandId, EARLIER } from '../../test/states.ts';
import { decideClient, operatorCodeOf } from './decide-client.ts';

const given = specifying(decideClient);
const id = commandId('now');
const now = BEFORE;
const updatedAt = now.toISOString();
const clientId = aClient().id;

describe('registering a client', () => {
  const data = { clientId, phone: '79161234567', timezone: '+05:45' };

  test('takes the operator code from the phone and no tag where none are given', () =>
    given(null)
      .when({ type: 'RegisterClient', id, data }, now)
      .yields({
        type: 'ClientRegistered',
        data: {
          client: {
            id: clientId,
            phone: '79161234567',
            operatorCode: '916',
            tag: '',
            timezone: '+05:45',
            version: 1,
            createdAt: updatedAt,
            updatedAt,
          },
          recentCommands: [id],
        },
      }));

  test('keeps the operator code and the tag that are given', () => {
    const decision = decideClient(
      null,
      { type: 'RegisterClient', id, data: { ...data, operatorCode: '900', tag: 'x' } },
      now,
    );
    expect(decision).toMatchObject({ event: { data: { client: { operatorCode: '900', tag: 'x' } } } });
  });

  test('refuses a time zone that no clock can be read in', () =>
    given(null)
      .when({ type: 'RegisterClient', id, data: { ...data, timezone: 'Mars/Olympus' } }, now)
      .refused({ code: 'timezone-invalid', timezone: 'Mars/Olympus' }));

  test('refuses a tag that looks like another one', () =>
    given(null)
      .when({ type: 'RegisterClient', id, data: { ...data, tag: 'v\u200bip' } }, now)
      .refused({ code: 'label-invalid', field: 'tag', reason: expect.stringContaining('invisible') }));

  test('writes zone and tag the one way there is, whoever wrote the command', () => {
    const command = { ...data, timezone: 'europe/moscow', tag: ' Cafe\u0301\u00a0' };
    const decision = decideClient(null, { type: 'RegisterClient', id, data: command }, now);
    expect(decision).toMatchObject({
      event: { data: { client: { timezone: 'Europe/Moscow', tag: 'Caf\u00e9' } } },
    });
  });
});

describe('changing a client', () => {
  type Changes = Extract<Parameters<typeof decideClient>[1], { type: 'ChangeClient' }>['data']['changes'];
  const change = (changes: Changes, expectedVersion?: number) => ({
    type: 'ChangeClient' as const,
    id,
    data: { clientId, changes, expectedVersion },
  });
  const changed = (change: object, previousPhone: string | null) => ({
    type: 'ClientChanged' as const,
    data: {
      client: { ...aClient(), ...change, version: 4, updatedAt },
      previousPhone,
      recentCommands: [EARLIER, id],
    },
  });

  test('leaves alone what is absent', () =>
    given(clientState())
      .when(change({ tag: 'gold' }), now)
      .yields(changed({ tag: 'gold' }, null)));

  test('sets back to the default what is null', () =>
    given(clientState({ operatorCode: '123' }))
      .when(change({ operatorCode: null, tag: null }), now)
      .yields(changed({ operatorCode: '999', tag: '' }, null)));

  test('to another phone frees the one before and keeps the operator code', () =>
    given(clientState())
      .when(change({ phone: '79160000000' }), now)
      .yields(changed({ phone: '79160000000' }, '79991234567')));

  test('to another phone takes its operator code where the default is asked for', () =>
    given(clientState())
      .when(change({ phone: '79160000000', operatorCode: null }), now)
      .yields(changed({ phone: '79160000000', operatorCode: '916' }, '79991234567')));

  test('to the same phone frees none', () =>
    given(clientState())
      .when(change({ phone: '79991234567' }), now)
      .yields(changed({}, null)));

  test('refuses a time zone that no clock can be read in', () =>
    given(clientState())
      .when(change({ timezone: 'nowhere' }), now)
      .refused({ code: 'timezone-invalid', timezone: 'nowhere' }));

  test('writes zone and tag the one way there is', () =>
    given(clientState())
      .when(change({ timezone: '-0530', tag: ' gold' }), now)
      .yields(changed({ timezone: '-05:30', tag: 'gold' }, null)));

  test('leaves alone a stored zone and tag that would not be taken today', () =>
    given(clientState({ timezone: 'IST', tag: ' vip' }))
      .when(change({ phone: '79160000000' }), now)
      .yields(changed({ phone: '79160000000', timezone: 'IST', tag: ' vip' }, '79991234567')));

  test('mends a stored zone that cannot be read', () =>
    given(clientState({ timezone: 'IST' }))
      .when(change({ timezone: 'Asia/Kolkata' }), now)
      .yields(changed({ timezone: 'Asia/Kolkata' }, null)));

  test('refuses a tag that looks like another one', () =>
    given(clientState())
      .when(change({ tag: '\u202epiv' }), now)
      .refused({ code: 'label-invalid', field: 'tag', reason: expect.stringContaining('invisible') }));

  test('takes the expected version and refuses every other', () => {
    given(clientState()).when(change({}, 3), now).yields(changed({}, null));
    for (const version of [2, 4]) {
      given(clientState()).when(change({}, version), now).refused({ code: 'version-mismatch', version: 3 });
    }
  });

  test('refuses one that is not there or not there any more, whatever version is expected', () => {
    for (const state of [null, clientState({}, true)]) {
      given(state).when(change({}, 1), now).refused({ code: 'client-not-found' });
    }
  });

  test('remembers the last sixteen commands', () => {
    const recentCommands = Array.from({ length: 16 }, (_, index) => commandId(String(index)));
    const decision = decideClient({ ...clientState(), recentCommands }, change({}), now);
    expect(decision).toMatchObject({
      event: { data: { recentCommands: [...recentCommands.slice(1), id] } },
    });
  });
});

describe('removing a client', () => {
  const remove = (expectedVersion?: number) => ({
    type: 'RemoveClient' as const,
    id,
    data: { clientId, expectedVersion },
  });

  test('tells what it was last, under a new version', () =>
    given(clientState())
      .when(remove(3), now)
      .yields({
        type: 'ClientRemoved',
        data: { client: { ...aClient(), version: 4, updatedAt }, recentCommands: [EARLIER, id] },
      }));

  test('refuses a version that is not the last', () =>
    given(clientState()).when(remove(9), now).refused({ code: 'version-mismatch', version: 3 }));

  test('refuses one that was removed', () =>
    given(clientState({}, true)).when(remove(), now).refused({ code: 'client-not-found' }));
});

test('the operator code is the second to the fourth digit', () => {
  expect(operatorCodeOf('79161234567')).toBe('916');
});
