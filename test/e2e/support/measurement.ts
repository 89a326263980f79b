/** Shows a measured value among the results: what it should be is asserted generously, what it was is worth knowing. */
export function reportMeasurement(what: string, value: number): void {
  process.stdout.write(`measured: ${what}: ${Math.round(value * 10) / 10}\n`);
}
