package dev.lifeboat.cli;

import dev.lifeboat.config.LifeboatConfig.Schedule;

/**
 * A schedule as the configuration wants it.
 *
 * @param order the run that it starts
 */
record WantedSchedule(Schedule schedule, RunOrder order, ScheduleForm form) {

    String id() {
        return order.name();
    }
}
