import { expect } from 'vitest';
import { explain } from '../src/queries/why/explain.ts';
import type { Facts, MailingFacts } from '../src/queries/why/facts.ts';
import { facts, mailing, source, started, version } from './why-facts.ts';

/** What is explained, and how. */
export interface WhyCase {
  readonly title: string;
  readonly given: Partial<Facts>;
  readonly outcome: string;
  /** Code, event, position, and some words of the text. */
  readonly reasons: readonly (readonly [string, string | null, number, RegExp?])[];
}

/** Explains, and compares outcome and reasons in their order. */
export function expectTold({ given, outcome, reasons }: WhyCase): void {
  const decision = explain(facts(given));
  expect(decision.outcome).toBe(outcome);
  expect(decision.reasons.map(({ code, event, position }) => [code, event, position])).toEqual(
    reasons.map(([code, event, position]) => [code, event, position]),
  );
  for (const [index, [, , , words]] of reasons.entries())
    if (words !== undefined) expect(decision.reasons[index]?.text).toMatch(words);
}

export const registered = version('ClientRegistered', 5);
export const removed = version('ClientRemoved', 40);
export const deleted = source('MailingDeleted', 80);
export const paused = source('MailingPaused', 60);
export const over = { status: 'expired', expired: source('MailingExpired', 90) } as const;

/** Windows in UTC, of a mailing from nine in the morning to nine in the evening. */
export const MORNING = { from: '09:00', to: '10:00' };
export const AFTERNOON = { from: '13:00', to: '18:00' };
export const NIGHT = { from: '22:00', to: '23:00' };

/** A mailing that had this window all the time. */
export const inWindow = (window: typeof NIGHT, given: object = {}): MailingFacts =>
  mailing({ localWindow: window, started: started({ everyone: true }, window), ...given });
