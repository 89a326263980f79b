/**
 * Between three quarters and five quarters of a time, so that senders that met the same trouble in the same moment do
 * not all try again in the same moment.
 *
 * @param random from 0 to 1
 */
export const spread = (milliseconds: number, random: number): number => milliseconds * (0.75 + 0.5 * random);

/**
 * Up to a quarter longer than asked for, two seconds at most: never earlier than the provider said.
 *
 * @param random from 0 to 1
 */
export const noEarlier = (milliseconds: number, random: number): number =>
  milliseconds + random * Math.min(milliseconds / 4, 2_000);
