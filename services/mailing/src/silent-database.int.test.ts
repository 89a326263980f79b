import { type Proxy as ServerProxy, startProxy } from '@herald/testkit';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { clientOf, MailingFixture } from '../test/mailing-fixture.ts';

let fixture: MailingFixture;
let proxy: ServerProxy;
beforeEach(async () => {
  fixture = await MailingFixture.start();
  proxy = await startProxy(fixture.database.url);
});
afterEach(async () => {
  // What waits for an answer that never comes would wait at the stop, too.
  proxy.cut();
  await fixture.stop();
  await proxy.stop();
});

it('a command waits no longer than ten seconds for a database that nobody hears any more', async () => {
  const url = new URL(fixture.database.url);
  url.host = new URL(proxy.url).host;
  fixture.databaseUrl = url.href;
  await fixture.startService();
  clientOf(await fixture.register('79410000001'));
  proxy.strand();
  const clients = await Promise.all(
    ['79410000002', '79410000003'].map((phone) => fixture.register(phone, {}, 60_000)),
  );
  expect(clients.map((result) => clientOf(result).phone)).toEqual(['79410000002', '79410000003']);
});
