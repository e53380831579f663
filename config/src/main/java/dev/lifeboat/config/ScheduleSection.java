package dev.lifeboat.config;

import dev.lifeboat.config.LifeboatConfig.Schedule;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** {@code schedules:}. */
final class ScheduleSection {

    private static final Duration CATCH_UP = Duration.ofHours(6);

    /** A Temporal server takes part of it to start again. */
    private static final Duration LEAST_CATCH_UP = Duration.ofMinutes(1);

    private static final Duration MOST_CATCH_UP = Duration.ofDays(7);
    private static final Duration MOST_JITTER = Duration.ofHours(12);

    /** They change nothing that applications use. */
    private static final Set<String> HARMLESS = Set.of("base-backup", "daily-dump", "restore-verification");

    /** Only as drills. */
    private static final Set<String> DRILLED = Set.of("pitr-recovery");

    private final Set<String> clusters;
    private final @Nullable Supplier<RunbookCatalog> catalog;

    private ScheduleSection(Set<String> clusters, @Nullable Supplier<RunbookCatalog> catalog) {
        this.clusters = clusters;
        this.catalog = catalog;
    }

    /** @param catalog null to leave the names of runbooks and inputs alone; asked only where something is scheduled */
    static List<Schedule> read(
            List<Section> sections, Set<String> clusters, @Nullable Supplier<RunbookCatalog> catalog) {
        ScheduleSection reader = new ScheduleSection(clusters, catalog);
        List<Schedule> schedules = new ArrayList<>();
        Set<String> ids = new HashSet<>();
        for (Section section : sections) {
            Schedule schedule = reader.read(section);
            if (!ids.add(schedule.id())) {
                section.problem(
                        "runbook",
                        "and its cluster stand in another schedule too: " + Section.shortened(schedule.id())
                                + " can have one; several times of the day fit into one cron, such as 0 2,14 * * *");
            }
            schedules.add(schedule);
        }
        return List.copyOf(schedules);
    }

    private Schedule read(Section section) {
        section.allows(List.of("runbook", "cluster", "cron", "jitter", "catch-up", "inputs", "paused"), List.of());
        Optional<Section> inputs = section.section("inputs");
        Schedule schedule = new Schedule(
                section.required("runbook"),
                section.required("cluster"),
                section.required("cron"),
                section.duration("jitter", Duration.ZERO),
                section.duration("catch-up", CATCH_UP),
                inputs.map(Section::literals).orElse(Map.of()),
                section.optional("paused"));
        checkCluster(section, schedule);
        checkTimes(section, schedule);
        if (catalog != null && !schedule.runbook().isEmpty()) {
            checkRunbook(section, inputs, schedule, catalog.get());
        }
        return schedule;
    }

    private void checkCluster(Section section, Schedule schedule) {
        if (!schedule.cluster().isEmpty() && !clusters.isEmpty() && !clusters.contains(schedule.cluster())) {
            section.problem(
                    "cluster",
                    "names no cluster below 'postgres:'; the nearest one is '"
                            + Section.shortened(
                                    Nearest.to(schedule.cluster(), clusters).orElse("")) + "'");
        }
    }

    private static void checkTimes(Section section, Schedule schedule) {
        if (schedule.catchUp().compareTo(LEAST_CATCH_UP) < 0
                || schedule.catchUp().compareTo(MOST_CATCH_UP) > 0) {
            section.problem(
                    "catch-up", "must lie between " + LEAST_CATCH_UP + " and PT168H, not " + schedule.catchUp());
        }
        if (schedule.jitter().compareTo(MOST_JITTER) > 0) {
            section.problem("jitter", "must not be longer than " + MOST_JITTER + ", not " + schedule.jitter());
        }
        if (schedule.cron().isEmpty()) {
            return;
        }
        try {
            Duration pause = Cron.parse(schedule.cron()).shortestPause();
            if (schedule.jitter().compareTo(pause) >= 0) {
                section.problem(
                        "jitter",
                        "is " + schedule.jitter() + ", and two starts can be only " + pause
                                + " apart; it must be shorter than that");
            }
        } catch (IllegalArgumentException e) {
            section.problem("cron", String.valueOf(e.getMessage()));
        }
    }

    private static void checkRunbook(
            Section section, Optional<Section> inputs, Schedule schedule, RunbookCatalog catalog) {
        String id = schedule.runbook();
        Optional<Runbook> runbook = catalog.find(id);
        if (runbook.isEmpty()) {
            List<String> known = catalog.all().stream().map(Runbook::id).toList();
            section.problem(
                    "runbook",
                    "names no runbook; the nearest one is '"
                            + Nearest.to(id, known).orElse("") + "'");
            return;
        }
        inputs.ifPresent(given -> checkInputs(given, runbook.get()));
        if (HARMLESS.contains(id) || DRILLED.contains(id) && schedule.isDrill()) {
            return;
        }
        section.problem(
                "runbook",
                "must not be scheduled: '" + id + "' would change production while nobody looks"
                        + (DRILLED.contains(id) ? "; as a drill it may be: inputs: { drill: true }" : ""));
    }

    private static void checkInputs(Section given, Runbook runbook) {
        List<String> known = runbook.inputs().keySet().stream()
                .filter(name -> !name.equals("cluster"))
                .sorted()
                .toList();
        given.literals().forEach((name, value) -> {
            if (name.equals("cluster")) {
                given.problem(name, "does not belong here: 'cluster' stands beside 'runbook'");
            } else if (!known.contains(name)) {
                given.problem(
                        name,
                        "is no input of " + runbook.id()
                                + (known.isEmpty() ? ", which has none but the cluster" : "; it has " + known));
            } else if ("flag".equals(runbook.inputs().get(name)) && !value.matches("true|false")) {
                given.problem(name, "must be true or false");
            }
        });
    }
}
