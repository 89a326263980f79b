import { SingleBar } from 'cli-progress';
import type { Output } from './output.ts';
import { drawProgress, type ProgressState } from './progress-line.ts';
import { measureRate } from './rate.ts';

/** What somebody who waits is shown. Each `startProgress` must be followed by `stop`, or the cursor stays hidden. */
export type Progress = {
  show(state: ProgressState): void;
  /** Leaves what was shown last. */
  stop(): void;
};

const REDRAWS_PER_SECOND = 10;
/** Logs of jobs that nobody looks at are not filled. */
const LINE_EVERY_MS = 10_000;
const DOCUMENT_EVERY_MS = 1_000;
const DEFAULT_WIDTH = 80;

/**
 * A bar in a terminal, a line every 10 s elsewhere, both on standard error, which is free when standard output goes
 * to a file. With `--json` a document a second at most, on standard output like every document.
 */
export function startProgress(output: Output): Progress {
  const display = chooseDisplay(output);
  const rate = measureRate();
  return {
    show: (state) => {
      const nowMs = performance.now();
      rate.see(state.counted ?? state.done, nowMs);
      display.show(withRate(state, rate.perSecond()), nowMs);
    },
    stop: display.stop,
  };
}

type Display = { show(state: ProgressState, nowMs: number): void; stop(): void };

function chooseDisplay(output: Output): Display {
  if (output.isJson)
    return every(DOCUMENT_EVERY_MS, ({ document, ...state }) =>
      output.show(document ?? { progress: state }, () => ''),
    );
  if (output.stderr.isTTY !== true)
    return every(LINE_EVERY_MS, (state) => output.note(drawProgress(state, DEFAULT_WIDTH * 2)));
  return showBar(output.stderr);
}

/** The first one comes only after the pause, too: what is done by then needs no progress. */
function every(pauseMs: number, tell: (state: ProgressState) => void): Display {
  let toldMs = performance.now();
  return {
    show: (state, nowMs) => {
      if (nowMs - toldMs < pauseMs) return;
      toldMs = nowMs;
      tell(state);
    },
    stop: () => {},
  };
}

function showBar(stream: NodeJS.WriteStream): Display {
  const bar = new SingleBar({
    stream,
    fps: REDRAWS_PER_SECOND,
    hideCursor: true,
    // Signals are ours: whoever started the bar stops it.
    gracefulExit: false,
    format: (_options, _parameters, { state }: { state?: ProgressState }) =>
      state === undefined ? '' : drawProgress(state, (stream.columns ?? DEFAULT_WIDTH) - 1),
  });
  let isStarted = false;
  return {
    show: (state) => {
      if (isStarted) bar.update(state.done, { state });
      else bar.start(state.total ?? 0, state.done, { state });
      isStarted = true;
    },
    stop: () => {
      if (isStarted) bar.stop();
      isStarted = false;
    },
  };
}

function withRate(state: ProgressState, measured: number | null): ProgressState {
  const perSecond = state.perSecond === undefined ? measured : state.perSecond;
  if (state.millisecondsLeft !== undefined) return { ...state, perSecond };
  const { done, total, counted } = state;
  // What is left goes as fast as what is done, in whatever measure.
  const perDone = counted === undefined || done === 0 ? 1 : counted / done;
  const millisecondsLeft =
    total === null || perSecond === null || perSecond === 0
      ? null
      : ((total - done) * perDone * 1_000) / perSecond;
  return { ...state, perSecond, millisecondsLeft };
}
