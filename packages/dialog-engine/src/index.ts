export { consentAnswers, impliedConsents } from "./consents.ts";
export type { ConsentAnswer, ConsentKind, Consents } from "./consents.ts";
export { defaultLimits } from "./drive/budget.ts";
export { driveDialogs } from "./drive/drive-dialogs.ts";
export type { DriveEnding, DriveEvent, DriveLimits, DriveOptions, DriveResult } from "./drive/drive-types.ts";
export { feedScreen, type Feed } from "./screen/feed-screen.ts";
export type { Key } from "./drive/keys.ts";
export { locateDialog, type Dialog, type ListStyle, type Option } from "./locate/locate-dialog.ts";
export { observe, type NearMiss, type Observation, type Start } from "./rules/observe.ts";
export type { Clock, Stop, Terminal, TerminalExit } from "./ports.ts";
export { createReplyLimit } from "./screen/reply-limit.ts";
export type { Result } from "@gatehouse/std";
export type { ComposerShape } from "./locate/locate-composer.ts";
export type {
  BlockRule,
  DriveBlockedCode,
  OptionLabel,
  PassingRule,
  ReadyRule,
  Rule,
  RulePack,
  SelectRule,
} from "./rules/rule.ts";
export { createScreen, type Screen, type ScreenView } from "./screen/screen.ts";
export { explainCast, type ExplainedScreen } from "./recording/explain-cast.ts";
export type { Sentence, Text } from "./wording/dialog-text.ts";
export type { Slots } from "./wording/sentence.ts";
export type { StartedFolder } from "./wording/shown-folder.ts";
export { createRecorder, formatCast, parseCast } from "./recording/recording.ts";
export type { Cast, CastError, CastEvent, Recorder } from "./recording/recording.ts";
export { redactCast, redactText } from "./redact/redact.ts";
export { secretsIn } from "./redact/secret-names.ts";
