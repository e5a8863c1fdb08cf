export {
  dueNow,
  firstTime,
  mostTasks,
  type Due,
  type DueTask,
  type Missed,
  type MissedPolicy,
  type Occurrence,
} from "./due.ts";
export {
  nextTimes,
  readDuration,
  readSchedule,
  type Schedule,
  type ScheduleProblem,
  type TypedSchedule,
} from "./schedule.ts";
export { cadence, missedText, scheduleMessage, shortText, timeText } from "./schedule-messages.ts";
