import type { RestRequest } from '../processes/run-rest-load.ts';
import { newClient, reservePhones } from '../system/client-rows.ts';

/** New clients under a tag. */
export function registrations(count: number, tag: string): readonly RestRequest[] {
  const first = reservePhones(count);
  return Array.from({ length: count }, (_, index) => ({
    method: 'POST',
    path: '/clients',
    body: newClient(first + index, tag),
  }));
}

/** A change of each of these clients, as often as it takes to make so many. */
export function changes(count: number, ids: readonly string[]): readonly RestRequest[] {
  return Array.from({ length: count }, (_, index) => ({
    method: 'PATCH',
    path: `/clients/${ids[index % ids.length]}`,
    body: { timezone: index % 2 === 0 ? 'Asia/Omsk' : 'Asia/Tomsk' },
  }));
}

export function reads(count: number, ids: readonly string[]): readonly RestRequest[] {
  return Array.from({ length: count }, (_, index) => ({
    method: 'GET',
    path: `/clients/${ids[index % ids.length]}`,
    body: null,
  }));
}
