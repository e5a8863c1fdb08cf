import { createProgressLine, inSeconds, type Output } from "@gatehouse/cli-kit";

/** The subject of a fetch: its name, its folder, and its approximate size on disk. */
export type Fetched = { readonly name: string; readonly into: string; readonly megabytes: number };

/** The progress of a fetch, for a person. */
export type FetchProgress = {
  readonly onBytes: (bytes: number) => void;
  /** Writes the closing line if the fetch succeeded; the caller reports a failure. */
  readonly end: (isDone: boolean) => void;
};

/** Announces a fetch, then shows bytes and seconds: redrawn on a terminal, else a line every 10 s. */
export const createFetchProgress = (
  { name, into, megabytes }: Fetched,
  output: Output,
  now: () => number = () => performance.now(),
): FetchProgress => {
  const startedAt = now();
  const line = createProgressLine(output, { now });
  let last = 0;
  const announcement = `Fetching ${name} from npm into ${into}: about ${megabytes} MB.`;
  // Without a terminal, the announcement is the first line, and the next one follows 10 s later.
  if (output.isTTY) line.end(announcement);
  else line.show(announcement);
  return {
    onBytes: (bytes) => {
      last = bytes;
      line.show(`  ${inMegabytes(bytes)} of about ${megabytes} MB, ${inSeconds(now() - startedAt)}`);
    },
    end: (isDone) =>
      line.end(
        isDone ? `Fetched ${name}: ${inMegabytes(last)} MB in ${inSeconds(now() - startedAt)}.` : undefined,
      ),
  };
};

const inMegabytes = (bytes: number): string => String(Math.round(bytes / 1e6));
