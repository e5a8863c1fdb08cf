import { factsOf } from "@gatehouse/places/facts";

/**
 * Why a host cannot run an agent as a person's own account; null if it can. `runtime` is the name in runtime.json. For a process a
 * sudo rule is enough, and a Pod has its own account. The files of a sandbox or a container are given to its account, which only
 * root may do.
 */
export const accountProblem = (runtime: string, uid: number): string | null =>
  uid === 0 || (factsOf(runtime)?.accounts ?? "root") !== "root"
    ? null
    : "no agent starts in the direct chats of a person with an account (os_user), because only a host that runs as root starts a sandbox or a container as another account. Run the host as root, or add such a person with ncl users create, which names no account.";
