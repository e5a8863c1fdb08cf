/** The builds that work together: of this program, of the running host, and of the agents' image. Null: there is none. */
export type Versions = {
  readonly program: string;
  readonly host: string | null;
  readonly image: string | null;
};

/** One line: `program 0.1.0+3f2a91c04d12, host 0.1.0+3f2a91c04d12`. */
export const versionText = ({ program, host, image }: Versions): string =>
  [
    `program ${program}`,
    ...(host === null ? [] : [`host ${host}`]),
    ...(image === null ? [] : [`agents' image ${image}`]),
  ].join(", ");

/** What is of another build than this program, with the fix: a sentence each. `engine` has the image. */
export const versionMismatches = (
  { program, host, image }: Versions,
  engine: string | null,
): readonly string[] => [
  ...(host === null || host === program
    ? []
    : ["the host is of another build than this program: gatehouse down, then gatehouse up"]),
  ...(image === null || image === program
    ? []
    : [
        `the agents' image is of another build than this program: gatehouse image build${engine === null ? "" : ` --runtime ${engine}`}`,
      ]),
];
