import { z } from 'zod';

/** RFC 9457, as Herald answers; what else stands in it is kept for `--json`. */
export const problemSchema = z.looseObject({
  title: z.string(),
  status: z.int(),
  detail: z.string().optional(),
  code: z.string().optional(),
  errors: z.array(z.looseObject({ path: z.string(), message: z.string() })).optional(),
});
export type Problem = z.output<typeof problemSchema>;

/** The problem that a text holds, or `undefined`. */
export function readProblem(text: string): Problem | undefined {
  try {
    return problemSchema.safeParse(JSON.parse(text)).data;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** The name of a field as people write it: `/localWindow/from` is `localWindow.from`. */
export const fieldOf = (pointer: string): string =>
  pointer
    .replace(/^\//, '')
    .split('/')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .join('.');
