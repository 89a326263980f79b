import type { Command } from 'commander';
import type { Execute } from '../context.ts';
import { addGenerations } from './generations.ts';
import { addRebuild } from './rebuild.ts';
import { addShowStatistics } from './show.ts';

/** `herald stats …` */
export function addStats(program: Command, execute: Execute): void {
  const stats = program.command('stats').description('statistics: read, compare with the log, make anew');
  for (const add of [addShowStatistics, addRebuild, addGenerations]) add(stats, execute);
}
