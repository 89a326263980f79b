/** The command `herald`: what operators and scripts do with Herald from a shell, over REST. */
export { runHerald } from './run.ts';
