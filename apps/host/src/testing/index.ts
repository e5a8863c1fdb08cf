export { listFilters, type ListTimes } from "./measure-list.ts";
export { sessionsGround, type SessionsGround } from "./sessions-ground.ts";
