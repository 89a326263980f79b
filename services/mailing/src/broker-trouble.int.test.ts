import { eventually } from '@herald/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { clientOf, MailingFixture } from '../test/mailing-fixture.ts';

describe('the mailing service and trouble with the broker', () => {
  let fixture: MailingFixture;
  beforeEach(async () => {
    fixture = await MailingFixture.start();
  });
  afterEach(() => fixture.stop());

  it('carries commands out again when the broker comes back after a kill', async () => {
    await fixture.startService();
    clientOf(await fixture.register('79400000001'));
    await fixture.nats.kill();
    await fixture.nats.restart();
    await eventually(() => fixture.tester.broker.isConnected());
    clientOf(await fixture.register('79400000002'));
  });

  it('decides and answers nothing while its log may be another one, and goes on when it is not', async () => {
    fixture.certainAfterMs = 120_000;
    const service = await fixture.startService();
    clientOf(await fixture.register('79400000005'));
    await eventually(async () => (await fixture.foldedPosition()) > 0);
    const restore = await fixture.model.confuseCheckpoint();
    await fixture.nats.kill();
    await fixture.nats.restart();
    await eventually(async () => (await service.health.problems()).fold?.includes('holds another event'), {
      timeoutMs: 15_000,
    });
    const before = await fixture.log.events();
    const registering = fixture.register('79400000006', {}, 20_000);
    await expect(fixture.foldedPosition()).rejects.toThrow('not answered');
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(await fixture.log.events()).toEqual(before);
    await restore();
    clientOf(await registering);
    expect((await service.health.problems()).fold).toBeUndefined();
  });

  it('is not ready and decides nothing on a log that is another one than its directory follows', async () => {
    const service = await fixture.startService();
    clientOf(await fixture.register('79400000003'));
    await eventually(async () => (await fixture.foldedPosition()) > 0);
    await fixture.replaceLog();
    await eventually(async () => (await service.health.problems()).fold?.includes('rebuild it'), {
      timeoutMs: 15_000,
    });
    await expect(fixture.register('79400000004', {}, 1_000)).rejects.toThrow();
    expect(await fixture.log.events()).toEqual([]);
  });
});
