import { describe, expect, it } from 'vitest';
import { RunningSimulator } from '../../test/running-simulator.ts';
import type { JournalEntry } from './entry.ts';

async function afterSending(...ids: number[]): Promise<RunningSimulator> {
  const provider = await RunningSimulator.start();
  for (const id of ids) await provider.send(id);
  return provider;
}

const sequences = (entries: readonly JournalEntry[]) => entries.map(({ sequence }) => sequence);

describe('GET /journal', () => {
  it('goes through all entries by pages, none twice and none left out', async () => {
    const provider = await afterSending(5, 6, 7, 8, 9);
    const seen: number[] = [];
    let after = 0;
    for (let page = 0; page < 4; page += 1) {
      const { entries, nextAfter } = JSON.parse(
        (await provider.ask('GET', `/journal?after=${after}&limit=2`)).text,
      );
      seen.push(...sequences(entries));
      after = nextAfter;
    }
    expect(seen).toEqual([1, 2, 3, 4, 5]);
    await provider.send(10);
    expect(sequences(await provider.entries(`?after=${after}`))).toEqual([6]);
  });

  it('shows one message', async () => {
    const provider = await afterSending(5, 6, 5);
    expect(sequences(await provider.entries('?messageId=5'))).toEqual([1, 3]);
    expect(await provider.entries('?messageId=7')).toEqual([]);
  });

  it('streams everything as lines', async () => {
    const provider = await RunningSimulator.start();
    const ids = Array.from({ length: 1_203 }, (_, index) => index + 1);
    await Promise.all(ids.map((id) => provider.send(id)));
    const streamed = await provider.fetch(`${provider.simulator.controlUrl}/journal?after=3`, {
      headers: { accept: 'application/x-ndjson' },
    });
    expect(streamed.headers['content-type']).toBe('application/x-ndjson');
    const lines = streamed.text.trimEnd().split('\n');
    expect(sequences(lines.map((line) => JSON.parse(line)))).toEqual(ids.slice(3));
  });

  it.each(['limit=0', 'limit=10001', 'after=-1', 'messageId=x', 'message=5'])(
    'refuses ?%s',
    async (query) => {
      const provider = await afterSending();
      const refused = await provider.ask('GET', `/journal?${query}`);
      expect(refused.status).toBe(400);
      expect(JSON.parse(refused.text).errors[0].field).toBe(query.split('=')[0]);
    },
  );
});

describe('GET /journal/summary', () => {
  it('is empty at first', async () => {
    const provider = await afterSending();
    expect(await provider.summary()).toEqual({
      requests: 0,
      accepted: 0,
      distinctAccepted: 0,
      repeatedAccepted: 0,
      aborted: 0,
      byOutcome: {},
      firstAt: null,
      lastAt: null,
      inFlight: 0,
      maxInFlight: 0,
    });
  });

  it('adds up what the entries say', async () => {
    const provider = await afterSending(1, 2, 1);
    await provider.behave({ rules: [{ fault: { kind: 'status', status: 500 } }] });
    await provider.send(3);
    const entries = await provider.entries();
    expect(await provider.summary()).toEqual({
      requests: 4,
      accepted: 3,
      distinctAccepted: 2,
      repeatedAccepted: 1,
      aborted: 0,
      byOutcome: { ok: 3, 'status-500': 1 },
      firstAt: entries[0]?.at,
      lastAt: entries[3]?.at,
      inFlight: 0,
      maxInFlight: 1,
    });
  });
});

describe('DELETE /journal', () => {
  it('forgets entries, counts, accepted ids and attempts', async () => {
    const provider = await afterSending(1, 1);
    expect((await provider.ask('DELETE', '/journal')).status).toBe(204);
    expect(await provider.entries()).toEqual([]);
    expect(await provider.summary()).toMatchObject({ requests: 0, distinctAccepted: 0, maxInFlight: 0 });
    await provider.send(1);
    expect(await provider.entries()).toMatchObject([{ sequence: 3, attempt: 1, repeat: false }]);
  });
});
