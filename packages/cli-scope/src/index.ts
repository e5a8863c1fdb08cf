export type { Actor, AgentActor, Scope, Standing } from "./actor.ts";
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
  Reply,
} from "./command.ts";
export type { Column, Resource, Row, RowQuery, Rows, RowsWorld, Verb, VerbAccess } from "./crud.ts";
export type { Decision, DecisionEntry, HeldCommand } from "./decision.ts";
export type { Dispatcher, Reach } from "./dispatcher.ts";
export type { ErrorCode, RequestFrame, ResponseFrame } from "./frame.ts";
export type { Result } from "./result.ts";
