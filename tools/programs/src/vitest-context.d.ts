import "vitest";

declare module "vitest" {
  export interface ProvidedContext {
    /** The files of the programs that tests start: see vitest.programs.ts beside this file. */
    readonly programs: Readonly<
      Record<
        | "gatehouse"
        | "workspace-trust"
        | "agent-runner"
        | "ncl"
        | "orchestrator-adapter"
        | "add-user-child"
        | "approver"
        | "killed-backup"
        | "open-later"
        | "later-gatehouse"
        | "hold-lock"
        | "writer"
        | "echo-runner"
        | "import-once"
        | "intent-killed"
        | "host-child"
        | "container-host"
        | "sandbox-contract",
        string
      >
    >;
  }
}
