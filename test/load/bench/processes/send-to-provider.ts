import { Agent, request } from 'undici';
import { z } from 'zod';

export const providerPlace = z.object({ url: z.string(), token: z.string() });
export type ProviderPlace = z.infer<typeof providerPlace>;

const PHONE = 79_161_234_567;

/** The bare call: undici's `request`, the answer's status looked at and its body thrown away. */
export function createSend({ url, token }: ProviderPlace, connections: number) {
  const dispatcher = new Agent({ connections });
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  return async (id: number, text: string): Promise<void> => {
    const body = JSON.stringify({ id, phone: PHONE, text });
    const answer = await request(`${url}/v1/send/${id}`, { method: 'POST', dispatcher, headers, body });
    await answer.body.dump();
    if (answer.statusCode !== 200) throw new Error(`The provider answered ${answer.statusCode}.`);
  };
}
