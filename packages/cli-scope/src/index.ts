export type { Actor, AgentActor, Scope, Authorization } from "./actor.ts";
export { canonicalArgs, type CanonicalArgs } from "./canonical-args.ts";
export { canonicalText } from "./canonical-text.ts";
export { checkArgs } from "./check-args.ts";
export type {
  Access,
  Args,
  Call,
  Command,
  CommandError,
  Flag,
  FlagType,
  FlagValue,
  Handler,
  Json,
  Naming,
  Reply,
  Signature,
} from "./command.ts";
export { crud } from "./crud.ts";
export { decide } from "./decide.ts";
export type { Decision, DecisionEntry, HeldCommand } from "./decision.ts";
export { dispatch } from "./dispatch.ts";
export type { CommandHost, Reach } from "./command-host.ts";
export { explain } from "./explain.ts";
export { findCommand, wireName } from "./find-command.ts";
export type { ErrorBody, ErrorCode, RequestFrame, ResponseFrame } from "./frame.ts";
export { hideSecrets } from "./hide-secrets.ts";
export { limits } from "./limits.ts";
export { namedIn, type Named } from "./named-in.ts";
export type { Problem } from "./problem.ts";
export { replay } from "./replay.ts";
export type { Column, Resource, Row, RowQuery, Rows, RowsContext, Verb, VerbAccess } from "./resource.ts";
export type { Result } from "@gatehouse/std";
export { type Rule, rules } from "./rules.ts";
