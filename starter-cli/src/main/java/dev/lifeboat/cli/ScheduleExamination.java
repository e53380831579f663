package dev.lifeboat.cli;

import dev.lifeboat.workflows.contract.doctor.Examination;
import dev.lifeboat.workflows.contract.doctor.Examinations;
import dev.lifeboat.workflows.contract.doctor.Examinations.Seen;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** Whether Temporal starts what the configuration says, and whether that went well the last time. */
final class ScheduleExamination {

    /** After a start's time and its jitter, Temporal and a worker take a moment. */
    private static final Duration MOMENT = Duration.ofMinutes(2);

    private static final String SUBJECT = "schedules";
    private static final String WANTED = "Temporal holds exactly the configured ones";

    private final Tool tool;

    ScheduleExamination(Tool tool) {
        this.tool = tool;
    }

    /** Empty where nothing is scheduled, neither here nor there. */
    List<Examination> examine() {
        List<WantedSchedule> wanted = new WantedSchedules(tool).all();
        Instant now = tool.surroundings().clock().instant();
        Examinations examinations = new Examinations(SUBJECT);
        try {
            SyncPlan plan = SyncPlan.of(tool.config().platform(), wanted, new ScheduleGateway(tool).found(wanted), now);
            if (plan.changes().isEmpty()) {
                return List.of();
            }
            examinations.examine("as configured", WANTED, () -> compared(plan));
            plan.of(SyncPlan.Kind.KEEP)
                    .forEach(change -> examinations.examine(
                            change.id(), "it starts, and the last start went well", () -> lastStart(change, now)));
        } catch (CliFailure e) {
            if (e.code().equals(ScheduleGateway.NO_SCHEDULES)) {
                return wanted.isEmpty()
                        ? List.of()
                        : List.of(Examination.notMeasured(
                                SUBJECT, "as configured", WANTED, String.valueOf(e.getMessage())));
            }
            examinations.examine("as configured", WANTED, failed(e));
        } catch (StatusRuntimeException e) {
            examinations.examine("as configured", WANTED, failed(tool.explain(e)));
        }
        return examinations.found();
    }

    private static Supplier<Seen> failed(CliFailure failure) {
        return () -> new Seen(String.valueOf(failure.getMessage()), false, failure.hint());
    }

    private static Seen compared(SyncPlan plan) {
        if (plan.changesNothing()) {
            return new Seen(Words.plural(plan.changes().size(), "schedule"), true, "");
        }
        List<String> wrong = new ArrayList<>();
        plan.changes().stream()
                .filter(change -> change.kind() != SyncPlan.Kind.KEEP)
                .forEach(change ->
                        wrong.add(change.kind() + " " + change.id() + " (" + String.join("; ", change.what()) + ")"));
        return new Seen(
                "it would have to " + String.join(", ", wrong),
                false,
                "'lifeboat schedule sync' shows it, with --yes it is done");
    }

    private Seen lastStart(SyncPlan.Change change, Instant now) {
        FoundSchedule found = java.util.Objects.requireNonNull(change.found());
        WantedSchedule wanted = java.util.Objects.requireNonNull(change.wanted());
        if (found.paused()) {
            return new Seen(
                    found.pauseWords(),
                    !found.isPausedByHand(),
                    "'lifeboat schedule resume " + change.id()
                            + "', or write the reason into the configuration: paused: ...");
        }
        Optional<Instant> missed = missed(wanted, found, now);
        if (missed.isPresent()) {
            return new Seen(
                    "nothing was started at or since " + Words.utc(missed.get()),
                    false,
                    "was Temporal away for longer than the catch-up window, or the schedule paused? 'lifeboat schedule trigger "
                            + change.id() + "' makes up for it");
        }
        return new LastStarts(tool.gateway())
                .of(found)
                .map(last -> new Seen(
                        last.line(),
                        last.good(),
                        "'lifeboat status " + change.id() + "' or 'lifeboat report " + change.id() + "' tells more"))
                .orElseGet(() -> new Seen("first start is yet to come", true, ""));
    }

    /** The last time at which it should have started something since it is as it is, where nothing was started since. */
    static Optional<Instant> missed(WantedSchedule wanted, FoundSchedule found, Instant now) {
        return java.util.Objects.requireNonNull(wanted.form().cron())
                .previous(now.minus(wanted.schedule().jitter()).minus(MOMENT))
                .filter(due -> due.isAfter(found.since()))
                .filter(due ->
                        found.starts().stream().noneMatch(start -> !start.at().isBefore(due)));
    }
}
