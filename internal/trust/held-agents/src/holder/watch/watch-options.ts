import type { Clock, Consents, RulePack, StartedFolder, Terminal } from "@trust/dialog-engine";
import type { AgentView } from "./agent-view.ts";

export type AgentWatchOptions = {
  readonly terminal: Terminal;
  readonly clock: Clock;
  /** Null for a program without a rule pack: it stays "starting". */
  readonly pack: RulePack | null;
  /** Answers that the caller gave beforehand, without trust. */
  readonly consents: Consents;
  readonly folder: StartedFolder;
  readonly columns: number;
  readonly rows: number;
  readonly redact: (text: string) => string;
  readonly onChange: (view: AgentView) => void;
};
