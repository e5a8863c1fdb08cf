/** What the group's agent may do with the admin CLI: nothing, things of its own group, or everything. */
export type Scope = "disabled" | "group" | "global";
