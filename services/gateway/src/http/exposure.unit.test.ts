import { describe, expect, test } from 'vitest';
import { type Exposure, exposureOf, foreignReason } from './exposure.ts';

test.each([
  ['127.0.0.1', 'loopback'],
  ['127.1.2.3', 'loopback'],
  ['localhost', 'loopback'],
  ['::1', 'loopback'],
  ['0.0.0.0', 'network'],
  ['::', 'network'],
  ['192.168.1.5', 'network'],
  ['127.0.0.1.evil.example', 'network'],
  ['my-laptop', 'network'],
])('a gateway that listens at %s is reached through %s', (host, exposure) => {
  expect(exposureOf(host)).toBe(exposure);
});

interface Given {
  readonly method?: string;
  readonly host?: string | undefined;
  readonly headers?: Record<string, string>;
}

const judge = (given: Given, exposure: Exposure): string | undefined =>
  foreignReason(
    {
      method: given.method ?? 'POST',
      host: 'host' in given ? given.host : 'localhost:8000',
      header: (name) => given.headers?.[name],
    },
    exposure,
  );

describe('on loopback', () => {
  test.each<[string, Given]>([
    ['its names', { host: 'localhost:8000' }],
    ['its names in other letters', { host: 'LocalHost' }],
    ['its address', { host: '127.0.0.1:8000' }],
    ['its address of version 6', { host: '[::1]:8000' }],
    ['no name, as HTTP/1.0 has none', { host: undefined }],
    ['a page of its own', { headers: { origin: 'http://localhost:8000', 'sec-fetch-site': 'same-origin' } }],
    ['a page at another port', { headers: { origin: 'http://[::1]:3000', 'sec-fetch-site': 'same-site' } }],
    [
      'a link somewhere',
      {
        method: 'GET',
        headers: {
          'sec-fetch-site': 'cross-site',
          'sec-fetch-mode': 'navigate',
          'sec-fetch-dest': 'document',
        },
      },
    ],
    ['an address typed', { method: 'GET', headers: { 'sec-fetch-site': 'none' } }],
  ])('takes a request from %s', (_title, given) => {
    expect(judge(given, 'loopback')).toBeUndefined();
  });

  test.each<[string, Given, string]>([
    ['a name led here', { host: 'evil.example:8000' }, 'Host'],
    ['a name that begins as ours', { host: 'localhost.evil.example' }, 'Host'],
    ['a name that ends as ours', { host: 'evil.localhost' }, 'Host'],
    ['every address at once', { host: '0.0.0.0:8000' }, 'Host'],
    ['a host that cannot be read', { host: 'a b' }, 'Host'],
    ['a page of another site', { headers: { origin: 'https://evil.example' } }, 'Origin'],
    ['a page without an origin', { headers: { origin: 'null' } }, 'Origin'],
    [
      'a page with our name before its own',
      { headers: { origin: 'http://localhost.evil.example' } },
      'Origin',
    ],
    ['a form without Origin', { headers: { 'sec-fetch-site': 'cross-site' } }, 'Sec-Fetch-Site'],
    [
      'a form that navigates',
      {
        headers: {
          'sec-fetch-site': 'cross-site',
          'sec-fetch-mode': 'navigate',
          'sec-fetch-dest': 'document',
        },
      },
      'Sec-Fetch-Site',
    ],
    [
      'a frame',
      {
        method: 'GET',
        headers: { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' },
      },
      'Sec-Fetch-Site',
    ],
    ['a proxy', { headers: { 'x-forwarded-for': '203.0.113.7' } }, 'proxy'],
    ['a proxy by the standard', { headers: { forwarded: 'for=203.0.113.7' } }, 'proxy'],
    ['a proxy that names itself', { headers: { via: '1.1 cache' } }, 'proxy'],
  ])('refuses %s', (_title, given, named) => {
    expect(judge(given, 'loopback')).toContain(named);
  });
});

describe('on the network', () => {
  test.each<[string, Given]>([
    ['any name', { host: 'herald.example:8000' }],
    ['a page of its own', { host: 'herald.example:8000', headers: { origin: 'http://herald.example:8000' } }],
    ['a page at the usual port', { host: 'Herald.example:80', headers: { origin: 'http://herald.example' } }],
  ])('takes a request from %s', (_title, given) => {
    expect(judge(given, 'network')).toBeUndefined();
  });

  test.each<[string, Given, string]>([
    [
      'a page of another site',
      { host: 'herald.example', headers: { origin: 'https://evil.example' } },
      'Origin',
    ],
    [
      'a page at another port',
      { host: 'herald.example', headers: { origin: 'http://herald.example:1' } },
      'Origin',
    ],
    ['a page without an origin', { host: 'herald.example', headers: { origin: 'null' } }, 'Origin'],
    ['a form without Origin', { headers: { 'sec-fetch-site': 'cross-site' } }, 'Sec-Fetch-Site'],
    ['a proxy', { headers: { 'x-forwarded-proto': 'https' } }, 'proxy'],
  ])('refuses %s', (_title, given, named) => {
    expect(judge(given, 'network')).toContain(named);
  });
});
