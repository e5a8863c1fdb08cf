export { consentAnswers, impliedConsents } from "./consents.ts";
export type { ConsentAnswer, ConsentKind, Consents } from "./consents.ts";
export { defaultLimits, driveDialogs } from "./drive-dialogs.ts";
export type { DriveBlockedCode } from "./blocked-code.ts";
export type { DriveEnding, DriveEvent, DriveLimits, DriveOptions, DriveResult } from "./drive-types.ts";
export { feedScreen, type Feed } from "./feed-screen.ts";
export type { Key } from "./keys.ts";
export { locateDialog, type Dialog, type ListStyle, type Option } from "./locate-dialog.ts";
export { observe, type NearMiss, type Observation, type Start } from "./observe.ts";
export type { Clock, Stop, Terminal, TerminalExit } from "./ports.ts";
export { createReplyLimit } from "./reply-limit.ts";
export type { Result } from "@gatehouse/std";
export type {
  BlockRule,
  ComposerShape,
  OptionLabel,
  PassingRule,
  ReadyRule,
  Rule,
  RulePack,
  SelectRule,
} from "./rules/rule.ts";
export { createScreen, type Screen, type ScreenView } from "./screen.ts";
export { explainCast, type ExplainedScreen } from "./explain-cast.ts";
export type { Sentence, Text } from "./dialog-text.ts";
export type { Slots } from "./sentence.ts";
export type { StartedFolder } from "./shown-folder.ts";
export { createRecorder, formatCast, parseCast } from "./recording.ts";
export type { Cast, CastError, CastEvent, Recorder } from "./recording.ts";
export { redactCast, redactText } from "./redact/redact.ts";
export { secretsIn } from "./redact/secret-names.ts";
