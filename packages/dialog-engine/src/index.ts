export { consentAnswers, impliedConsents } from "./consents.ts";
export type { ConsentAnswer, ConsentError, ConsentKind, Consents } from "./consents.ts";
export type { DriveBlockedCode, DriveEvent, DriveLimits, DriveOptions, DriveResult, Key } from "./drive.ts";
export type { Clock, Stop, Terminal, TerminalExit } from "./ports.ts";
export type { Result } from "./result.ts";
export type { BlockRule, ReadyRule, Rule, RulePack, SelectRule } from "./rules/rule.ts";
