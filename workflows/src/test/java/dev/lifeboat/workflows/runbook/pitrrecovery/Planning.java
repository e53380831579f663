package dev.lifeboat.workflows.runbook.pitrrecovery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lifeboat.workflows.contract.postgres.Placement;
import dev.lifeboat.workflows.contract.postgres.RecoveryFacts;
import dev.lifeboat.workflows.contract.postgres.RecoveryFacts.ClockStep;
import dev.lifeboat.workflows.contract.postgres.RecoveryFacts.SegmentRange;
import dev.lifeboat.workflows.contract.postgres.RecoveryFacts.Space;
import dev.lifeboat.workflows.contract.postgres.RecoveryFacts.TargetLocation;
import dev.lifeboat.workflows.contract.postgres.RecoveryFacts.TimelineFacts;
import dev.lifeboat.workflows.contract.postgres.RecoveryFacts.UnusableBackup;
import dev.lifeboat.workflows.contract.postgres.RecoveryPlan;
import dev.lifeboat.workflows.contract.postgres.TablespaceFacts;
import dev.lifeboat.workflows.domain.Objectives;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import dev.lifeboat.workflows.domain.postgres.BaseBackup;
import dev.lifeboat.workflows.domain.postgres.Lsn;
import dev.lifeboat.workflows.domain.postgres.RecoveryTarget;
import dev.lifeboat.workflows.domain.postgres.TimelineHistory;
import dev.lifeboat.workflows.runbook.Facts;
import dev.lifeboat.workflows.runbook.RunRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A plan in the making: the facts of a healthy cluster, changed by a test in what it is about. */
final class Planning {

    private RecoveryFacts facts = Facts.ofOneBackupAndSomeWal();
    private @Nullable String timeline;
    private @Nullable String backup;
    private boolean exclusive;
    private Placement placement = Placement.IN_PLACE;

    static RecoveryTarget at(String time) {
        return new RecoveryTarget.AtTime(Instant.parse(time));
    }

    /** The first commit after {@code time} is a second later. */
    static TargetLocation location(int timeline, String stopLsn, String time) {
        return location(timeline, stopLsn, time, time);
    }

    static TargetLocation location(int timeline, String stopLsn, String time, String last) {
        return new TargetLocation(
                timeline,
                Lsn.parse(stopLsn),
                Instant.parse(last),
                Instant.parse(time).plusSeconds(1));
    }

    /** Nothing was committed after it. */
    static TargetLocation locationAtTheEnd(int timeline, String stopLsn, String last) {
        return new TargetLocation(timeline, Lsn.parse(stopLsn), Instant.parse(last), null);
    }

    static TimelineFacts timeline(int number, List<SegmentRange> available, String end) {
        return timeline(number, "", available, end);
    }

    static TimelineFacts timeline(int number, String history, List<SegmentRange> available, String end) {
        return new TimelineFacts(
                number,
                TimelineHistory.parse(number, history),
                available,
                Instant.parse("2026-08-22T00:00:01Z"),
                Facts.LAST_COMMIT,
                Lsn.parse(end));
    }

    static TimelineFacts timelineWithoutHistory(int number, List<SegmentRange> available, String end) {
        return new TimelineFacts(number, null, available, null, Facts.LAST_COMMIT, Lsn.parse(end));
    }

    Planning backups(BaseBackup... backups) {
        facts = changed(List.of(backups), facts.timelines(), facts.locations(), facts.space(), facts.obstacles());
        return this;
    }

    Planning timelines(TimelineFacts... timelines) {
        facts = changed(facts.backups(), List.of(timelines), facts.locations(), facts.space(), facts.obstacles());
        return this;
    }

    Planning found(TargetLocation... locations) {
        facts = changed(facts.backups(), facts.timelines(), List.of(locations), facts.space(), facts.obstacles());
        return this;
    }

    Planning free(long bytes) {
        facts = changed(
                facts.backups(), facts.timelines(), facts.locations(), new Space(bytes, 1L << 30), facts.obstacles());
        return this;
    }

    Planning obstacles(String... obstacles) {
        facts = changed(facts.backups(), facts.timelines(), facts.locations(), facts.space(), List.of(obstacles));
        return this;
    }

    Planning tablespaces(TablespaceFacts found) {
        facts = new RecoveryFacts(
                facts.cluster(),
                facts.systemId(),
                facts.segmentSize(),
                facts.backups(),
                facts.timelines(),
                facts.locations(),
                facts.live(),
                facts.space(),
                facts.writers(),
                facts.obstacles(),
                facts.readAt(),
                found,
                facts.noted(),
                facts.unusable(),
                facts.returns(),
                facts.clockSteps());
        return this;
    }

    Planning standbys(String... found) {
        RecoveryFacts.LiveCluster live = facts.live();
        facts = new RecoveryFacts(
                facts.cluster(),
                facts.systemId(),
                facts.segmentSize(),
                facts.backups(),
                facts.timelines(),
                facts.locations(),
                new RecoveryFacts.LiveCluster(
                        live.state(), live.dataDirectory(), live.serverVersion(), live.port(), List.of(found)),
                facts.space(),
                facts.writers(),
                facts.obstacles(),
                facts.readAt());
        return this;
    }

    Planning unusable(UnusableBackup... found) {
        facts = facts.withUnusable(List.of(found));
        return this;
    }

    Planning clock(List<ClockStep> returns, List<ClockStep> steps) {
        facts = facts.withClock(returns, steps);
        return this;
    }

    Planning along(String wanted) {
        timeline = wanted;
        return this;
    }

    Planning insistOn(String id) {
        backup = id;
        return this;
    }

    Planning exclusive() {
        exclusive = true;
        return this;
    }

    Planning placed(Placement wanted) {
        placement = wanted;
        return this;
    }

    RecoveryFacts facts() {
        return facts;
    }

    PlannedRecovery decide(RecoveryTarget target) {
        return PitrRecoveryPlan.decide(input(target), facts);
    }

    RecoveryPlan plan(RecoveryTarget target) {
        PlannedRecovery planned = decide(target);
        assertThat(planned.refusals()).isEmpty();
        return Objects.requireNonNull(planned.plan());
    }

    /** The only reason there is. */
    RecoveryFailure refusal(RecoveryTarget target) {
        PlannedRecovery planned = decide(target);
        assertThat(planned.refusals()).hasSize(1);
        assertThat(planned.plan()).isNull();
        return planned.refusals().get(0);
    }

    PitrRecoveryInput input(RecoveryTarget target) {
        RunRequest request = new RunRequest(
                "ana", "", true, false, new Objectives(Duration.ofHours(1), Duration.ofHours(1)), Map.of());
        boolean into = placement == Placement.INTO;
        return new PitrRecoveryInput(
                request,
                "main",
                target,
                exclusive,
                timeline,
                backup,
                placement,
                into ? "/srv/copy" : null,
                into ? 5499 : 0);
    }

    private RecoveryFacts changed(
            List<BaseBackup> backups,
            List<TimelineFacts> timelines,
            List<TargetLocation> locations,
            Space space,
            List<String> obstacles) {
        return new RecoveryFacts(
                facts.cluster(),
                facts.systemId(),
                facts.segmentSize(),
                backups,
                timelines,
                locations,
                facts.live(),
                space,
                facts.writers(),
                obstacles,
                facts.readAt(),
                facts.tablespaces(),
                facts.noted(),
                facts.unusable(),
                facts.returns(),
                facts.clockSteps());
    }
}
