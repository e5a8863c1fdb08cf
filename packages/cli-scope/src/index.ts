export type { Actor, AgentActor, Authorization, Scope, ScopeReach, Scopes } from "./decision/actor.ts";
export { canonicalText } from "./args/canonical-text.ts";
export { isAccepted } from "./commands/accepted.ts";
export type {
  Access,
  ActCommand,
  Args,
  Call,
  Command,
  CommandError,
  Effect,
  Flag,
  FlagType,
  FlagValue,
  Handler,
  Intent,
  Json,
  Naming,
  Reference,
  Reply,
  Signature,
} from "./commands/command.ts";
export { type ArgsOf, defineCommand } from "./commands/define-command.ts";
export { crud } from "./commands/crud.ts";
export { decide } from "./decision/decide.ts";
export type { Decision, DecisionEntry, HeldCommand } from "./decision/decision.ts";
export { dispatch } from "./dispatch/dispatch.ts";
export { responseFrame } from "./dispatch/respond.ts";
export { ownRows } from "./dispatch/own-rows.ts";
export type { CommandHost, IntentSource, Reach, ReferredRows } from "./dispatch/command-host.ts";
export { explain } from "./problems/command-messages.ts";
export type { ErrorBody, ErrorCode, RequestFrame, ResponseFrame } from "./wire/frame.ts";
export { limits } from "./wire/limits.ts";
export { isIdForm, rowsMeant } from "./args/row-meant.ts";
export { namedIn, type Named } from "./args/references-in.ts";
export type { Choice, Problem } from "./problems/problem.ts";
export { replay } from "./dispatch/replay.ts";
export type {
  Column,
  ReadRows,
  ReadRowsContext,
  Resource,
  Row,
  RowQuery,
  Rows,
  RowsContext,
  Verb,
  VerbAccess,
} from "./commands/resource.ts";
export type { Result } from "@gatehouse/std";
export { defaultPolicy, type Policy } from "./decision/policy.ts";
export { type Facts, type Rule, rules } from "./decision/rules.ts";
