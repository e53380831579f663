package dev.lifeboat.activities.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lifeboat.activities.postgres.RetentionFacts.BackupFact;
import dev.lifeboat.activities.postgres.RetentionFacts.DumpFact;
import dev.lifeboat.activities.postgres.RetentionFacts.Fact;
import dev.lifeboat.activities.postgres.RetentionFacts.WalFact;
import dev.lifeboat.activities.postgres.RetentionFacts.WalFile;
import dev.lifeboat.activities.postgres.RetentionFacts.WalKind;
import dev.lifeboat.config.LifeboatConfig.Generations;
import dev.lifeboat.config.LifeboatConfig.Retention;
import dev.lifeboat.workflows.domain.postgres.Lsn;
import dev.lifeboat.workflows.domain.postgres.TimelineHistory;
import dev.lifeboat.workflows.domain.postgres.WalSegmentSize;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RetentionPlanTest {

    private static final Instant NOW = Instant.parse("2026-03-31T12:00:00Z");
    private static final WalSegmentSize SIZE = WalSegmentSize.DEFAULT;
    private static final Retention BARE =
            new Retention(new Generations(2, 0, 0, 0, 0), 2, Duration.ZERO, Duration.ZERO, Duration.ZERO);

    @Test
    void ofDumpsTheNewestOfEachOfTheLastPeriodsStays() {
        List<DumpFact> dumps = Stream.of(
                        "2024-12-30T02:00:00Z", // ISO week 2025-W01
                        "2025-06-01T02:00:00Z",
                        "2025-12-31T02:00:00Z",
                        "2026-02-28T02:00:00Z",
                        "2026-03-15T02:00:00Z", // Sunday, 2026-W11
                        "2026-03-28T02:00:00Z",
                        "2026-03-29T02:00:00Z", // Sunday, 2026-W13
                        "2026-03-29T22:00:00Z",
                        "2026-03-30T02:00:00Z",
                        "2026-03-30T12:00:00Z")
                .map(at -> dump("shop", at))
                .toList();

        Map<DumpFact, ?> judged = decide(facts(dumps, List.of(), null), with(new Generations(2, 2, 3, 2, 2)))
                .dumps();

        assertThat(words(judged))
                .containsExactly(
                        "shop@2024-12-30T02:00:00Z []",
                        "shop@2025-06-01T02:00:00Z []",
                        "shop@2025-12-31T02:00:00Z [yearly of 2025]",
                        "shop@2026-02-28T02:00:00Z [monthly of 2026-02]",
                        "shop@2026-03-15T02:00:00Z [weekly of 2026-W11]",
                        "shop@2026-03-28T02:00:00Z []",
                        "shop@2026-03-29T02:00:00Z []",
                        "shop@2026-03-29T22:00:00Z [daily of 2026-03-29, weekly of 2026-W13]",
                        "shop@2026-03-30T02:00:00Z [one of the newest 2]",
                        "shop@2026-03-30T12:00:00Z [one of the newest 2, daily of 2026-03-30, weekly of 2026-W14,"
                                + " monthly of 2026-03, yearly of 2026]");
    }

    @Test
    void aWeekBelongsToTheYearThatItsThursdayIsIn() {
        DumpFact monday = dump("shop", "2024-12-30T02:00:00Z");

        Map<DumpFact, ?> judged = decide(facts(List.of(monday), List.of(), null), with(new Generations(2, 0, 1, 0, 0)))
                .dumps();

        assertThat(words(judged)).singleElement().asString().contains("weekly of 2025-W01");
    }

    @Test
    void eachDatabaseKeepsItsNewestTwoHoweverOldTheyAre() {
        List<DumpFact> dumps = List.of(
                dump("gone", "2020-01-01T00:00:00Z"),
                dump("gone", "2020-01-02T00:00:00Z"),
                dump("gone", "2020-01-03T00:00:00Z"),
                dump("shop", "2026-03-30T00:00:00Z"),
                dump("shop", "2026-03-30T06:00:00Z"));

        assertThat(decide(facts(dumps, List.of(), null), BARE).going())
                .extracting(Fact::id)
                .containsExactly("gone@2020-01-01T00:00:00Z");
    }

    @Test
    void whatIsPinnedYoungOrTheNewestProvedStays() {
        BackupFact pinned = backup("pinned", 1, 10, "2026-01-01T00:00:00Z", null, true);
        BackupFact proved = backup("proved", 1, 20, "2026-01-02T00:00:00Z", NOW, false);
        BackupFact earlier = backup("earlier", 1, 30, "2026-01-03T00:00:00Z", null, false);
        BackupFact young = backup("young", 1, 40, "2026-03-31T08:00:00Z", null, false);
        BackupFact one = backup("one", 1, 50, "2026-03-31T09:00:00Z", null, false);
        BackupFact two = backup("two", 1, 60, "2026-03-31T10:00:00Z", null, false);
        Retention grace = new Retention(BARE.dumps(), 0, Duration.ZERO, Duration.ZERO, Duration.ofHours(4));

        RetentionPlan plan = decide(facts(List.of(), List.of(pinned, proved, earlier, young, one, two), wal()), grace);

        assertThat(plan.going()).extracting(Fact::id).containsExactly("earlier");
        assertThat(plan.backups().get(pinned)).contains("pinned");
        assertThat(plan.backups().get(proved)).contains("the newest that is proved");
        assertThat(plan.backups().get(young)).contains("younger than the grace time PT4H");
    }

    /** As a clock that was a year ahead for two nights leaves them: for a year the newest two would be these. */
    @Test
    void whatIsDatedIntoTheFutureTakesNoOthersPlace() {
        List<DumpFact> dumps = List.of(
                dump("shop", "2026-03-27T02:00:00Z"),
                dump("shop", "2026-03-28T02:00:00Z"),
                dump("shop", "2026-03-29T02:00:00Z"),
                dump("shop", "2027-03-30T02:00:00Z"),
                dump("shop", "2027-03-30T02:10:00Z"));
        List<BackupFact> backups = List.of(
                backup("a", 1, 10, "2026-03-01T00:00:00Z"),
                backup("b", 1, 20, "2026-03-02T00:00:00Z"),
                backup("c", 1, 30, "2026-03-03T00:00:00Z"),
                backup("d", 1, 40, "2027-03-01T00:00:00Z", NOW, false),
                backup("e", 1, 50, "2027-03-02T00:00:00Z"));

        RetentionPlan plan = decide(facts(dumps, backups, wal()), BARE);

        assertThat(plan.going()).extracting(Fact::id).containsExactly("a", "shop@2026-03-27T02:00:00Z");
    }

    @Test
    void whatIsNotWholeTakesNoOthersPlace() {
        BackupFact proved = backup("proved", 1, 10, "2026-03-01T00:00:00Z", NOW, false);
        BackupFact one = backup("one", 1, 20, "2026-03-02T00:00:00Z");
        BackupFact two = backup("two", 1, 30, "2026-03-03T00:00:00Z");
        BackupFact torn = torn(backup("torn", 1, 40, "2026-03-04T00:00:00Z", NOW, false));

        RetentionPlan plan = decide(facts(List.of(), List.of(proved, one, two, torn), wal()), BARE);

        assertThat(plan.going()).isEmpty();
        assertThat(plan.backups().get(proved)).containsExactly("the newest that is proved");
        assertThat(plan.backups().get(torn)).contains("the newest that is proved");
    }

    /** It ended on 20 March, within the window, and says that it was in February. */
    @Test
    void whatIsDatedIntoThePastIsNotTakenForTheLastBeforeTheWindow() {
        List<BackupFact> backups = List.of(
                backup("a", 1, 10, "2026-03-01T00:00:00Z"),
                backup("b", 1, 20, "2026-03-05T00:00:00Z"),
                stored(backup("c", 1, 30, "2026-02-20T00:00:00Z"), "2026-03-25T00:00:00Z"),
                backup("d", 1, 40, "2026-03-28T00:00:00Z"),
                backup("e", 1, 50, "2026-03-30T00:00:00Z"));

        RetentionPlan plan = decide(facts(List.of(), backups, wal()), window(10));

        assertThat(plan.going()).extracting(Fact::id).containsExactly("a");
    }

    /** With a hole in the WAL behind the last one before the window, nothing else leads there. */
    @Test
    void whatWasMadeWithinTheWindowStaysAlsoWhereALaterOneIsDatedIntoThePastToo() {
        List<BackupFact> backups = List.of(
                backup("a", 1, 10, "2026-02-01T00:00:00Z"),
                backup("b", 1, 20, "2026-02-02T00:00:00Z"),
                backup("c", 1, 30, "2026-03-20T00:00:00Z"),
                stored(backup("d", 1, 40, "2026-01-01T00:00:00Z"), "2026-03-23T00:00:00Z"),
                stored(backup("e", 1, 50, "2026-01-02T00:00:00Z"), "2026-03-25T00:00:00Z"));

        RetentionPlan plan = decide(facts(List.of(), backups, wal()), window(10));

        assertThat(plan.going()).extracting(Fact::id).containsExactly("a");
    }

    @Test
    void theGraceTimeCountsFromWhenTheStoreHadIt() {
        Retention grace = new Retention(BARE.dumps(), 2, Duration.ZERO, Duration.ZERO, Duration.ofHours(4));
        List<BackupFact> backups = List.of(
                stored(backup("late", 1, 10, "2026-01-01T00:00:00Z"), "2026-03-31T08:00:00Z"),
                stored(backup("old", 1, 20, "2026-01-02T00:00:00Z"), "2026-03-31T07:59:59Z"),
                backup("one", 1, 30, "2026-01-03T00:00:00Z"),
                backup("two", 1, 40, "2026-01-04T00:00:00Z"));

        RetentionPlan plan = decide(facts(List.of(), backups, wal()), grace);

        assertThat(plan.going()).extracting(Fact::id).containsExactly("old");
    }

    @Test
    void whatIsToGoAndIsStillThereNeedsItsWal() {
        List<BackupFact> backups = List.of(
                backup("a", 1, 10, "2026-03-20T00:00:00Z"),
                backup("b", 1, 20, "2026-03-21T00:00:00Z"),
                backup("c", 1, 30, "2026-03-22T00:00:00Z"));
        WalFact wal = new WalFact(
                "7", List.of(segment(1, 9, "2026-03-01T00:00:00Z"), segment(1, 15, "2026-03-02T00:00:00Z")), Map.of());
        RetentionFacts facts = facts(List.of(), backups, wal);

        assertThat(decide(facts, BARE).wal().get(0).going()).hasSize(2);
        assertThat(RetentionPlan.wal(facts, BARE, backup -> true).get(0).going())
                .extracting(WalFile::name)
                .containsExactly("000000010000000000000009");
    }

    @Test
    void theLastBaseBackupBeforeTheWindowIsNeededToReachItsBegin() {
        List<BackupFact> backups = List.of(
                backup("a", 1, 10, "2026-03-01T00:00:00Z"),
                backup("b", 1, 20, "2026-03-05T00:00:00Z"),
                backup("c", 1, 30, "2026-03-25T00:00:00Z"),
                backup("d", 1, 40, "2026-03-28T00:00:00Z"),
                backup("e", 1, 50, "2026-03-30T00:00:00Z"));

        RetentionPlan plan = decide(facts(List.of(), backups, wal()), window(10));

        assertThat(plan.going()).extracting(Fact::id).containsExactly("a");
        assertThat(plan.backups().get(backups.get(1)))
                .containsExactly("the last before the recovery window on the way to timeline 1");
    }

    /** The way back to the window on timeline 2 leads over the fork at segment 15, which only "a" comes before. */
    @Test
    void aBaseBackupFromBeforeAForkIsNeededForTheBranchThatLeftThere() {
        List<BackupFact> backups = List.of(
                backup("a", 1, 10, "2026-03-01T00:00:00Z"),
                backup("b", 1, 20, "2026-03-05T00:00:00Z"),
                backup("c", 2, 30, "2026-03-26T00:00:00Z"),
                backup("d", 2, 40, "2026-03-28T00:00:00Z"));
        WalFact wal = new WalFact(
                "7",
                List.of(segment(1, 12, "2026-03-02T00:00:00Z"), segment(2, 25, "2026-03-25T00:00:00Z")),
                Map.of(2, history(2, 1, 15)));

        RetentionPlan plan = decide(facts(List.of(), backups, wal), window(10));

        assertThat(plan.going()).extracting(Fact::id).containsExactly("b");
        assertThat(plan.wal().get(0).going()).isEmpty();
    }

    @Test
    void whereATimelineCameFromIsNotGuessed() {
        List<BackupFact> backups = List.of(
                backup("a", 1, 10, "2026-03-01T00:00:00Z"),
                backup("b", 1, 20, "2026-03-05T00:00:00Z"),
                backup("c", 3, 30, "2026-03-29T00:00:00Z"),
                backup("d", 3, 40, "2026-03-30T00:00:00Z"));
        WalFact wal = new WalFact("7", List.of(segment(3, 25, "2026-03-28T00:00:00Z")), Map.of());

        RetentionPlan plan = decide(facts(List.of(), backups, wal), window(10));

        assertThat(plan.going()).isEmpty();
        assertThat(String.valueOf(plan.backups().get(backups.get(0)))).contains("whose history file is missing");
    }

    @Test
    void walGoesWhereNoKeptBaseBackupNeedsItAndItIsOldEnough() {
        List<BackupFact> backups =
                List.of(backup("a", 1, 10, "2026-03-20T00:00:00Z"), backup("b", 1, 20, "2026-03-25T00:00:00Z"));
        List<WalFile> files = new ArrayList<>();
        for (int number = 2; number < 22; number++) {
            files.add(segment(1, number, "2026-03-%02dT00:00:00Z".formatted(number + 8)));
        }
        files.add(file("000000010000000000000004.00000028.backup", WalKind.OTHER, "2026-03-12T00:00:00Z"));
        files.add(file("00000002.history", WalKind.OTHER, "2026-03-01T00:00:00Z"));
        files.add(file("something else", WalKind.OTHER, "2026-03-01T00:00:00Z"));
        files.add(file("0000000100000000", WalKind.INDEX, "2026-03-01T00:00:00Z"));
        Retention retention = new Retention(BARE.dumps(), 2, Duration.ZERO, Duration.ofDays(5), Duration.ZERO);

        WalRetention wal = decide(facts(List.of(), backups, new WalFact("7", files, Map.of())), retention)
                .wal()
                .get(0);

        // Segment n was archived on March n + 8: the cut is March 15, the first needed segment is 10.
        assertThat(wal.going())
                .extracting(WalFile::name)
                .containsExactly(
                        "000000010000000000000002",
                        "000000010000000000000003",
                        "000000010000000000000004",
                        "000000010000000000000005",
                        "000000010000000000000006");
        assertThat(wal.why()).contains("the oldest being a", "2026-03-15T00:00:00Z");
    }

    @Test
    void anIndexGoesWithTheLastOfItsSegments() {
        List<BackupFact> backups =
                List.of(backup("a", 1, 600, "2026-03-20T00:00:00Z"), backup("b", 1, 700, "2026-03-25T00:00:00Z"));
        List<WalFile> files = List.of(
                segment(1, 255, "2026-03-01T00:00:00Z"),
                file("0000000100000000", WalKind.INDEX, "2026-03-01T00:00:00Z"),
                segment(1, 256, "2026-03-01T00:00:00Z"),
                segment(1, 257, "2026-03-20T00:00:00Z"),
                file("0000000100000001", WalKind.INDEX, "2026-03-01T00:00:00Z"),
                file("0000000100000002", WalKind.INDEX, "2026-03-01T00:00:00Z"));

        WalRetention wal = decide(facts(List.of(), backups, new WalFact("7", files, Map.of())), BARE)
                .wal()
                .get(0);

        assertThat(wal.going())
                .extracting(WalFile::name)
                .containsExactly("0000000100000000000000FF", "000000010000000100000000", "0000000100000000");
    }

    /** Timeline 2 left timeline 1 inside of segment 15; what timeline 1 wrote from 16 on leads nowhere any more. */
    @Test
    void theBranchThatWasLeftGoesWhenNoBaseBackupLeadsThere() {
        List<BackupFact> backups =
                List.of(backup("a", 2, 15, "2026-03-20T00:00:00Z"), backup("b", 2, 20, "2026-03-25T00:00:00Z"));
        List<WalFile> files = List.of(
                segment(1, 14, "2026-03-01T00:00:00Z"),
                segment(1, 15, "2026-03-01T00:00:00Z"),
                segment(1, 16, "2026-03-02T00:00:00Z"),
                segment(2, 15, "2026-03-02T00:00:00Z"),
                segment(3, 30, "2026-03-02T00:00:00Z"));
        WalFact wal = new WalFact("7", files, Map.of(2, history(2, 1, 15)));

        assertThat(decide(facts(List.of(), backups, wal), BARE).wal().get(0).going())
                .extracting(WalFile::name)
                .containsExactly("00000001000000000000000E", "000000010000000000000010");
    }

    @Test
    void withoutABaseBackupNobodyKnowsWhatOfTheWalIsNeeded() {
        WalFact wal = new WalFact("7", List.of(segment(1, 1, "2020-01-01T00:00:00Z")), Map.of());

        assertThat(decide(facts(List.of(), List.of(), wal), BARE).wal().get(0).going())
                .isEmpty();
    }

    @Test
    void aClusterThatIsNoMoreKeepsItsNewestTwoAndTheirWal() {
        List<BackupFact> backups = new ArrayList<>();
        for (int i = 1; i <= 4; i++) {
            backups.add(of("6", "old" + i, 1, 10 * i, "2025-01-0%dT00:00:00Z".formatted(i)));
        }
        backups.add(backup("a", 1, 10, "2026-03-20T00:00:00Z"));
        backups.add(backup("b", 1, 20, "2026-03-25T00:00:00Z"));
        WalFact old = new WalFact(
                "6", List.of(segment(1, 29, "2025-01-02T00:00:00Z"), segment(1, 30, "2025-01-02T00:00:00Z")), Map.of());
        RetentionFacts facts =
                new RetentionFacts(NOW, List.of(), backups, List.of(old), List.of(), List.of(), List.of(), List.of());

        RetentionPlan plan = decide(facts, window(10));

        assertThat(plan.going()).extracting(Fact::id).containsExactly("old1", "old2");
        assertThat(plan.wal()).extracting(WalRetention::systemId).containsExactly("6", "7");
        assertThat(plan.wal().get(0).going()).extracting(WalFile::name).containsExactly("00000001000000000000001D");
    }

    @Test
    void aDoubtOrAHolderBlocksEverything() {
        RetentionFacts facts = new RetentionFacts(
                NOW,
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of("a drill holds it"),
                List.of(),
                List.of("a doubt"));

        assertThat(decide(facts, BARE).blocked()).containsExactly("a drill holds it", "a doubt");
    }

    @Test
    void whereItIsNotClearWhetherADumpIsReadAllDumpsStayAndNothingElse() {
        RetentionFacts sure = facts(
                List.of(
                        dump("shop", "2026-03-01T02:00:00Z"),
                        dump("shop", "2026-03-02T02:00:00Z"),
                        dump("shop", "2026-03-03T02:00:00Z")),
                List.of(),
                null);
        RetentionFacts unclear = new RetentionFacts(
                NOW, sure.dumps(), List.of(), List.of(), List.of(), List.of(), List.of("nobody knows"), List.of());

        assertThat(decide(sure, BARE).going()).hasSize(1);
        assertThat(decide(unclear, BARE).going()).isEmpty();
        assertThat(decide(unclear, BARE).blocked()).isEmpty();
    }

    private static RetentionPlan decide(RetentionFacts facts, Retention retention) {
        return RetentionPlan.decide(facts, retention);
    }

    private static List<String> words(Map<DumpFact, ?> judged) {
        return judged.entrySet().stream()
                .map(entry -> entry.getKey().id() + " " + entry.getValue())
                .toList();
    }

    private static Retention with(Generations dumps) {
        return new Retention(dumps, 2, Duration.ZERO, Duration.ZERO, Duration.ZERO);
    }

    private static Retention window(int days) {
        return new Retention(BARE.dumps(), 2, Duration.ofDays(days), Duration.ZERO, Duration.ZERO);
    }

    private static RetentionFacts facts(List<DumpFact> dumps, List<BackupFact> backups, @Nullable WalFact wal) {
        return new RetentionFacts(
                NOW,
                dumps,
                backups,
                wal == null ? List.of() : List.of(wal),
                List.of(),
                List.of(),
                List.of(),
                List.of());
    }

    private static WalFact wal() {
        return new WalFact("7", List.of(), Map.of());
    }

    private static DumpFact dump(String database, String at) {
        String id = database + "@" + at;
        Instant started = Instant.parse(at);
        return new DumpFact(id, database, id, started, started.plusSeconds(60), 1, 2, null, false, true, null, null);
    }

    private static BackupFact backup(String id, int timeline, long segment, String endedAt) {
        return of("7", id, timeline, segment, endedAt);
    }

    private static BackupFact of(String systemId, String id, int timeline, long segment, String endedAt) {
        Instant ended = Instant.parse(endedAt);
        Lsn start = new Lsn(segment * SIZE.bytes() + 40);
        return new BackupFact(
                systemId,
                id,
                id,
                timeline,
                start,
                start.plus(256),
                SIZE,
                ended,
                ended,
                1,
                1,
                null,
                false,
                true,
                null,
                null);
    }

    private static BackupFact backup(
            String id, int timeline, long segment, String endedAt, @Nullable Instant provedAt, boolean pinned) {
        BackupFact plain = backup(id, timeline, segment, endedAt);
        return new BackupFact(
                "7",
                id,
                id,
                timeline,
                plain.startLsn(),
                plain.endLsn(),
                SIZE,
                plain.startedAt(),
                plain.endedAt(),
                1,
                1,
                provedAt,
                pinned,
                true,
                null,
                null);
    }

    private static BackupFact torn(BackupFact of) {
        return but(of, false, of.storedAt());
    }

    private static BackupFact stored(BackupFact of, String at) {
        return but(of, of.whole(), Instant.parse(at));
    }

    private static BackupFact but(BackupFact of, boolean whole, @Nullable Instant storedAt) {
        return new BackupFact(
                of.systemId(),
                of.id(),
                of.manifest(),
                of.timeline(),
                of.startLsn(),
                of.endLsn(),
                of.segmentSize(),
                of.startedAt(),
                of.endedAt(),
                of.bytes(),
                of.objects(),
                of.provedAt(),
                of.pinned(),
                whole,
                storedAt,
                of.expiringSince());
    }

    private static WalFile segment(int timeline, long number, String at) {
        return file(
                SIZE.nameOf(new dev.lifeboat.workflows.domain.postgres.WalSegment(timeline, number)),
                WalKind.SEGMENT,
                at);
    }

    private static WalFile file(String name, WalKind kind, String at) {
        return new WalFile("wal/" + name, kind, name, 16, Instant.parse(at));
    }

    /** Left its parent in the middle of this segment. */
    private static TimelineHistory history(int timeline, int parent, long segment) {
        Lsn fork = new Lsn(segment * SIZE.bytes() + 5);
        return new TimelineHistory(timeline, List.of(new TimelineHistory.Fork(parent, fork)));
    }
}
