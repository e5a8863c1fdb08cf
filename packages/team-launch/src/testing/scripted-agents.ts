import { fail, ok } from "@gatehouse/std";
import type { AgentPort, AgentSight, AgentStart } from "../lifecycle/launch-ports.ts";
import type { LaunchError } from "../lifecycle/launch-run.ts";

/** The behaviour of a scripted agent after its start. */
export type Script = {
  /** It cannot be started. */
  readonly fails?: LaunchError;
  /** How often the start fails; default: always. */
  readonly times?: number;
  /** Its states, one per read. Default: ready at the first read. */
  readonly becomes?: readonly AgentSight["state"][];
  /** The code with which it ends. Default: `agent-ended`. */
  readonly endsAs?: string;
};

/** Scripts by member. A member without a script is ready at once. */
export type Scripts = Readonly<Record<string, Script>>;

/** Agents in memory, for tests of launches. */
export type ScriptedAgents = {
  /** All known agents, of every launcher. */
  readonly known: AgentSight[];
  readonly started: readonly AgentStart[];
  /** The port of a launcher that starts now. It finds agents of other launchers. */
  readonly port: (scripts?: Scripts) => AgentPort;
};

/** Creates agents that change their state at each read. */
export const scriptedAgents = (): ScriptedAgents => {
  const known: AgentSight[] = [];
  const started: AgentStart[] = [];
  const teams = new Map<string, string>();
  const left = new Map<string, AgentSight["state"][]>();
  const port = (scripts: Scripts = {}): AgentPort => {
    const failures = new Map<string, number>();
    return {
      list: async (team) => {
        for (const [index, agent] of known.entries())
          known[index] = seen(
            agent,
            left.get(agent.id)?.shift() ?? agent.state,
            scripts[agent.member]?.endsAs,
          );
        return known.filter(({ id }) => teams.get(id) === team);
      },
      start: async (start) => {
        const { name, provider, cwd } = start.member;
        const { fails, times = Infinity, becomes = ["ready"] } = scripts[name] ?? {};
        const failed = failures.get(name) ?? 0;
        failures.set(name, failed + 1);
        if (fails !== undefined && failed < times) return fail(fails);
        const own = known.find((it) => it.member === name && teams.get(it.id) === start.team && runs(it));
        if (own !== undefined) return ok({ id: own.id });
        const id = `${name}-${started.length}`;
        started.push(start);
        left.set(id, [...becomes]);
        teams.set(id, start.team);
        known.push({ id, member: name, provider, folder: cwd, state: "starting" });
        return ok({ id });
      },
    };
  };
  return { known, started, port };
};

const runs = ({ state }: AgentSight): boolean => state !== "ended" && state !== "lost";

const seen = (
  { id, member, provider, folder }: AgentSight,
  state: AgentSight["state"],
  endsAs = "agent-ended",
): AgentSight => ({
  id,
  member,
  provider,
  folder,
  state,
  ...(state === "waiting" ? { code: "unknown-dialog", question: "May I?" } : {}),
  ...(state === "ended" ? { code: endsAs, message: "It has ended with 1." } : {}),
});
