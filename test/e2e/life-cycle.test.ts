import type { Mailing } from '@herald/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Herald } from './support/herald.ts';
import { summarize } from './support/provider.ts';
import type { Answer, Problem } from './support/rest.ts';
import { collectAll, inMs, Scenario } from './support/scenario.ts';

type State = 'scheduled' | 'running' | 'paused' | 'completed' | 'expired';
type Call = {
  readonly does: string;
  readonly method: string;
  readonly action: string;
  readonly body?: object;
};
/** 200 and 204, or the code of the refusal. */
type Verdict = 200 | 204 | string;

const HOUR_MS = 3_600_000;
const patch = (does: string, body: object): Call => ({ does, method: 'PATCH', action: '', body });
const CALLS = {
  name: patch('changes the name', { name: 'Another name' }),
  text: patch('changes the text', { text: 'Another text' }),
  endAt: patch('changes the end', { endAt: inMs(2 * HOUR_MS) }),
  localWindow: patch('changes the window', { localWindow: { from: '00:00', to: '00:01' } }),
  rateLimit: patch('changes the rate limit', { rateLimit: 0.5 }),
  priority: patch('changes the priority', { priority: 9 }),
  filter: patch('changes the filter', { filter: { operatorCodes: ['999'] } }),
  startAt: patch('changes the start', { startAt: inMs(HOUR_MS / 4) }),
  pause: { does: 'pauses', method: 'POST', action: '/pause' },
  resume: { does: 'resumes', method: 'POST', action: '/resume' },
  delete: { does: 'deletes', method: 'DELETE', action: '' },
} satisfies Record<string, Call>;

const underWay = {
  name: 200,
  text: 200,
  endAt: 200,
  localWindow: 200,
  rateLimit: 200,
  priority: 200,
  filter: 'mailing-field-locked',
  startAt: 'mailing-field-locked',
} as const;
const over = {
  name: 'mailing-over',
  text: 'mailing-over',
  endAt: 'mailing-over',
  localWindow: 'mailing-over',
  rateLimit: 'mailing-over',
  priority: 'mailing-over',
  filter: 'mailing-over',
  startAt: 'mailing-over',
  pause: 'mailing-not-running',
  resume: 'mailing-not-paused',
  delete: 204,
} as const;

const VERDICTS: Record<State, Record<keyof typeof CALLS, Verdict>> = {
  scheduled: {
    ...{ name: 200, text: 200, endAt: 200, localWindow: 200, rateLimit: 200, priority: 200 },
    ...{ filter: 200, startAt: 200 },
    ...{ pause: 'mailing-not-running', resume: 'mailing-not-paused', delete: 204 },
  },
  running: { ...underWay, pause: 200, resume: 'mailing-not-paused', delete: 204 },
  paused: { ...underWay, pause: 'mailing-not-running', resume: 200, delete: 204 },
  completed: over,
  expired: over,
};

describe('the life of a mailing', () => {
  let herald: Herald;
  beforeAll(async () => {
    herald = await Herald.start();
  });
  afterAll(async () => {
    await herald.stop();
  });

  /** A window that is shut for clients in UTC keeps a mailing running with nothing sent. */
  const shutWindow = () => ({
    from: inMs(2 * HOUR_MS).slice(11, 16),
    to: inMs(3 * HOUR_MS).slice(11, 16),
  });

  async function bringInto(state: State, scenario: Scenario): Promise<Mailing> {
    switch (state) {
      case 'scheduled':
        return scenario.createMailing({ startAt: inMs(HOUR_MS / 2) });
      case 'running': {
        const { id } = await scenario.createMailing({ localWindow: shutWindow() });
        return scenario.untilStatus(id, 'running');
      }
      case 'paused': {
        const { id } = await bringInto('running', scenario);
        return herald.api.expect<Mailing>('POST', `/mailings/${id}/pause`, {});
      }
      case 'completed': {
        const { id } = await scenario.createMailing();
        return scenario.untilStatus(id, 'completed');
      }
      case 'expired': {
        const { id } = await scenario.createMailing({ localWindow: shutWindow(), endAt: inMs(700) });
        return scenario.untilStatus(id, 'expired');
      }
      default:
        return state satisfies never;
    }
  }

  const carryOut = (id: string, call: Call): Promise<Answer<Partial<Mailing> & Partial<Problem>>> =>
    herald.api.call(call.method, `/mailings/${id}${call.action}`, call.body === undefined ? {} : call);

  for (const state of Object.keys(VERDICTS) as State[]) {
    it(`allows and refuses exactly what it should of a ${state} mailing`, async () => {
      const scenario = new Scenario(herald);
      await scenario.registerOne();
      const checks = Object.entries(VERDICTS[state]).map(async ([name, verdict]) => {
        const call: Call = CALLS[name as keyof typeof CALLS];
        const before = await bringInto(state, scenario);
        const { status, body, headers } = await carryOut(before.id, call);
        const said = `${call.does}: ${status} ${JSON.stringify(body)}`;
        if (typeof verdict === 'number') {
          expect(status, said).toBe(verdict);
          if (verdict === 200) expect(body).toMatchObject({ version: before.version + 1, ...call.body });
          if (verdict === 200) expect(headers.etag).toBe(`"${before.version + 1}"`);
        } else {
          expect({ status, code: body.code }, said).toEqual({ status: 409, code: verdict });
          expect((await scenario.mailing(before.id)).version).toBe(before.version);
        }
      });
      await Promise.all(checks);
    });
  }

  it.each(['scheduled', 'paused', 'completed', 'expired'] as const)(
    'shows nothing of a deleted mailing that was %s but its statistics and messages',
    async (state) => {
      const scenario = new Scenario(herald);
      const client = await scenario.registerOne();
      const { id } = await bringInto(state, scenario);
      if (state === 'paused') await untilPlanned(scenario, id);
      if (state === 'expired') await scenario.untilAllEnded(id);
      await deleteAndFindGone(id);
      if (state === 'scheduled') {
        expect(await scenario.statistics(id)).toMatchObject({ planned: 0 });
        return;
      }
      const { planned, counts } = await scenario.untilAllEnded(id);
      const fate = ({ paused: 'cancelled', completed: 'sent', expired: 'expired' } as const)[state];
      expect({ planned, ended: counts[fate] }).toEqual({ planned: 1, ended: 1 });
      expect(await scenario.messagesOf(id)).toMatchObject([{ clientId: client.id, status: fate }]);
    },
  );

  it('cancels what a mailing that is deleted while it runs has not sent yet', async () => {
    const scenario = new Scenario(herald);
    await scenario.registerMany(600);
    await herald.provider.behave({ latencyMs: 400 });
    const { id } = await scenario.createMailing();
    await scenario.untilProviderGot(100);
    await deleteAndFindGone(id);
    const { planned, counts } = await scenario.untilAllEnded(id);
    await herald.provider.behaveWell();
    expect(planned).toBe(600);
    expect(counts.cancelled).toBeGreaterThan(0);
    expect(counts.sent).toBe(summarize(await scenario.journal()).distinct);
    expect(counts.sent + counts.cancelled).toBe(600);
  });

  it('starts at the new moment when the start was moved, and not at the old one', async () => {
    const scenario = new Scenario(herald);
    await scenario.registerOne();
    const { id } = await scenario.createMailing({ startAt: inMs(3_000) });
    const startAt = inMs(4_000);
    await herald.api.expect('PATCH', `/mailings/${id}`, { body: { startAt } });
    await scenario.untilAllEnded(id);
    const [first] = await scenario.journal();
    expect(first?.at).toBeGreaterThanOrEqual(Date.parse(startAt));
  });

  it('refuses a change that was meant for another version', async () => {
    const scenario = new Scenario(herald);
    const { id } = await bringInto('scheduled', scenario);
    const call = { body: { name: 'Late' }, headers: { 'if-match': '"7"' } };
    expect(await herald.api.call('PATCH', `/mailings/${id}`, call)).toMatchObject({
      status: 412,
      body: { code: 'version-mismatch' },
    });
  });

  it('completes a mailing that matches nobody', async () => {
    const scenario = new Scenario(herald);
    const { id } = await scenario.createMailing();
    expect(await scenario.untilAllEnded(id)).toMatchObject({ status: 'completed', planned: 0 });
  });

  async function deleteAndFindGone(id: string): Promise<void> {
    expect((await herald.api.call('DELETE', `/mailings/${id}`)).status).toBe(204);
    for (const call of [CALLS.name, CALLS.pause, CALLS.resume, CALLS.delete]) {
      expect((await carryOut(id, call)).status, call.does).toBe(404);
    }
    expect((await herald.api.call('GET', `/mailings/${id}`)).status).toBe(404);
    await untilUnlisted(id);
  }

  async function untilPlanned(scenario: Scenario, id: string): Promise<void> {
    await expect.poll(async () => (await scenario.statistics(id)).counts.queued, { timeout: 10_000 }).toBe(1);
  }

  async function untilUnlisted(id: string): Promise<void> {
    for (const list of ['/mailings?limit=1000', '/stats?limit=1000']) {
      const look = async () => {
        const items = await collectAll<{ id?: string; mailing?: string }>(herald, list);
        return items.some((item) => item.id === id || item.mailing === id);
      };
      await expect.poll(look, { timeout: 10_000 }).toBe(false);
    }
  }
});
