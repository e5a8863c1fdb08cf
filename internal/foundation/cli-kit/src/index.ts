export {
  absolute,
  anotherPath,
  folderNotCommand,
  folderOrCommand,
  milliseconds,
  namedPath,
  positiveInteger,
  wholeNumber,
} from "./argument-parsers.ts";
export { onHangUp } from "./hang-ups.ts";
export {
  type Failure,
  type Io,
  type OnOwnHost,
  type Output,
  type Paint,
  paintFor,
  plainPaint,
  printFailure,
  printJson,
} from "./io.ts";
export { pathLine } from "./path-line.ts";
export { createProgressLine, inSeconds } from "./progress-line.ts";
export { type Done, type CliDefinition, runProgram } from "./run-program.ts";
