package dev.lifeboat.workflows.runbook.pitrrecovery;

import static dev.lifeboat.workflows.runbook.pitrrecovery.Planning.at;
import static dev.lifeboat.workflows.runbook.pitrrecovery.Planning.timeline;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lifeboat.workflows.contract.postgres.Placement;
import dev.lifeboat.workflows.contract.postgres.RecoveryFacts.SegmentRange;
import dev.lifeboat.workflows.contract.postgres.RecoveryPlan.TablespacePlace;
import dev.lifeboat.workflows.contract.postgres.TablespaceFacts;
import dev.lifeboat.workflows.contract.postgres.TablespaceFacts.Creation;
import dev.lifeboat.workflows.contract.postgres.TablespaceFacts.Site;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import dev.lifeboat.workflows.domain.postgres.BaseBackup;
import dev.lifeboat.workflows.domain.postgres.Lsn;
import dev.lifeboat.workflows.domain.postgres.RecoveryTarget;
import dev.lifeboat.workflows.domain.postgres.Tablespace;
import dev.lifeboat.workflows.runbook.Facts;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class TablespacePlanTest {

    private static final String TARGET = "2026-08-22T09:15:00Z";
    private static final BaseBackup PLAIN = Facts.backup("20260822T013000Z");

    private final Planning planning = new Planning();

    @Test
    void inPlaceACopyLiesInsideTheFolderOfTheOriginalSoThatARenameWillDo() {
        planning.backups(with(new Tablespace("16390", "fast", "/srv/fast", 1 << 20)))
                .tablespaces(facts(site("/srv/fast", "ssd", 1L << 30, null)));

        assertThat(planning.plan(at(TARGET)).directories().tablespaces())
                .containsExactly(new TablespacePlace("16390", "fast", "/srv/fast", "/srv/fast/lifeboat-main/recovery"));
    }

    @Test
    void aDrillAndACopyBesideNeverPutAnythingIntoTheFolderOfTheOriginal() {
        planning.backups(with(new Tablespace("16390", "fast", "/srv/fast", 1 << 20)));

        String drill = planning.placed(Placement.DRILL)
                .plan(at(TARGET))
                .directories()
                .tablespaces()
                .get(0)
                .copy();
        String into = planning.placed(Placement.INTO)
                .plan(at(TARGET))
                .directories()
                .tablespaces()
                .get(0)
                .copy();

        assertThat(drill).isEqualTo("/var/lib/postgresql/15/lifeboat-main/drill/tablespaces/16390");
        assertThat(into).isEqualTo("/srv/copy.tablespaces/16390");
    }

    @Test
    void oneInsideTheDataDirectoryNeedsNoPlaceOfItsOwn() {
        planning.backups(with(new Tablespace("16391", "inside", "pg_tblspc/16391", 1 << 20)));

        assertThat(planning.plan(at(TARGET)).directories().tablespaces()).isEmpty();
    }

    @Test
    void thePlacesOfTablespacesAreAmongTheDecisionsThatAreApproved() {
        planning.backups(with(new Tablespace("16390", "fast", "/srv/fast", 1)))
                .tablespaces(facts(site("/srv/fast", "ssd", 1L << 30, null)));
        String one = planning.plan(at(TARGET)).digest();
        planning.backups(with(new Tablespace("16390", "fast", "/srv/other", 1)))
                .tablespaces(facts(site("/srv/other", "ssd", 1L << 30, null)));

        assertThat(planning.plan(at(TARGET)).digest()).isNotEqualTo(one);
    }

    @Test
    void aFolderThatCannotBeUsedIsRefusedWithBothFacts() {
        planning.backups(with(new Tablespace("16390", "fast", "/srv/fast", 1 << 20)))
                .tablespaces(facts(site("/srv/fast", "ssd", 1L << 30, "/srv cannot be written by worker")));

        RecoveryFailure refusal = planning.refusal(at(TARGET));

        assertThat(refusal.code()).isEqualTo(FailureCode.SWAP_IMPOSSIBLE);
        assertThat(refusal)
                .hasMessageContaining("fast (16390) belongs in /srv/fast")
                .hasMessageContaining("/srv cannot be written by worker");
        assertThat(planning.placed(Placement.DRILL).decide(at(TARGET)).refusals())
                .isEmpty();
    }

    @Test
    void everyFileSystemMustHaveRoomForItsPart() {
        planning.backups(with(
                        new Tablespace("16390", "fast", "/srv/fast", 300 << 20),
                        new Tablespace("16391", "wide", "/srv/wide", 300 << 20)))
                .tablespaces(
                        facts(site("/srv/fast", "ssd", 500 << 20, null), site("/srv/wide", "ssd", 500 << 20, null)));

        RecoveryFailure refusal = planning.refusal(at(TARGET));

        assertThat(refusal.code()).isEqualTo(FailureCode.TOO_LITTLE_SPACE);
        assertThat(refusal)
                .hasMessageContaining("/srv/fast")
                .hasMessageContaining("need 600 MiB")
                .hasMessageContaining("500 MiB are free");
    }

    @Test
    void whatLiesOnTheFileSystemOfTheDataCountsThere() {
        Tablespace fast = new Tablespace("16390", "fast", "/srv/fast", 300 << 20);
        planning.backups(with(fast)).free(1050 << 20).tablespaces(facts(site("/srv/fast", "data", 1100 << 20, null)));
        assertThat(planning.refusal(at(TARGET))).hasMessageContaining("the copy and its WAL need");

        // Of the backup's 1024 MiB, 300 go elsewhere.
        planning.tablespaces(facts(site("/srv/fast", "ssd", 1L << 30, null)));
        assertThat(planning.decide(at(TARGET)).refusals()).isEmpty();
    }

    @Test
    void aTargetBehindACreatedTablespaceIsRefusedWithTheNearestOnBothSides() {
        planning.tablespaces(creations(creation(1, "0/3000028", "0/3000068")));

        RecoveryFailure refusal = planning.refusal(at(TARGET));

        assertThat(refusal.code()).isEqualTo(FailureCode.TABLESPACE_CREATED);
        assertThat(refusal).hasMessageContaining("/srv/new").hasMessageContaining("0/3000028");
        assertThat(refusal.hint())
                .contains("--target-lsn 0/3000028 --exclusive")
                .contains("lifeboat start base-backup --cluster main");
    }

    @Test
    void aBackupThatWasTakenAfterItReachesTheTarget() {
        BaseBackup later = Facts.backup(
                "20260822T060000Z",
                1,
                "0/4000028",
                "0/4000100",
                Instant.parse("2026-08-22T06:00:00Z"),
                "2026-08-22T06:01:00Z");
        planning.backups(PLAIN, later).tablespaces(creations(creation(1, "0/3000028", "0/3000068")));

        assertThat(planning.plan(at(TARGET)).backup()).isEqualTo(later);
        assertThat(planning.insistOn(PLAIN.id()).refusal(at(TARGET)).code()).isEqualTo(FailureCode.TABLESPACE_CREATED);
    }

    @Test
    void aBackupDuringWhichItWasMadeIsPassedOverForAnOlderOne() {
        BaseBackup during = Facts.backup(
                "20260822T060000Z",
                1,
                "0/4000028",
                "0/4000100",
                Instant.parse("2026-08-22T06:00:00Z"),
                "2026-08-22T06:01:00Z");
        planning.backups(PLAIN, during).tablespaces(creations(creation(1, "0/4000050", "0/4000080")));

        assertThat(planning.plan(new RecoveryTarget.Immediate()).backup()).isEqualTo(PLAIN);
        planning.found(Planning.location(1, "0/4000050", TARGET));
        assertThat(planning.plan(new RecoveryTarget.AtLsn(Lsn.parse("0/4000050")))
                        .backup())
                .isEqualTo(PLAIN);
        assertThat(planning.insistOn(during.id())
                        .refusal(new RecoveryTarget.Immediate())
                        .code())
                .isEqualTo(FailureCode.TABLESPACE_CREATED);
    }

    @Test
    void aTargetJustBeforeItCanBeReached() {
        // Recovery stops before the record that begins at the target's position.
        planning.tablespaces(creations(creation(1, "0/55A0148", "0/55A0190")));

        assertThat(planning.decide(at(TARGET)).refusals()).isEmpty();
    }

    @Test
    void oneThatWasMadeOnABranchThatIsNotReplayedDoesNotMatter() {
        planning.timelines(
                        timeline(1, List.of(new SegmentRange(1, 9, "bucket")), "0/9123450"),
                        timeline(
                                2, "1\t0/3000000\tno reason\n", List.of(new SegmentRange(3, 9, "bucket")), "0/9123450"))
                .found(Planning.location(2, "0/55A0148", TARGET))
                .tablespaces(creations(creation(1, "0/3000028", "0/3000068")));

        assertThat(planning.decide(at(TARGET)).refusals()).isEmpty();
        planning.tablespaces(creations(creation(2, "0/3000028", "0/3000068")));
        assertThat(planning.refusal(at(TARGET)).code()).isEqualTo(FailureCode.TABLESPACE_CREATED);
    }

    private static BaseBackup with(Tablespace... tablespaces) {
        return new BaseBackup(
                PLAIN.id(),
                PLAIN.cluster(),
                PLAIN.systemId(),
                PLAIN.serverVersion(),
                PLAIN.timeline(),
                PLAIN.startLsn(),
                PLAIN.endLsn(),
                PLAIN.startedAt(),
                PLAIN.endedAt(),
                PLAIN.bytes(),
                PLAIN.storedBytes(),
                PLAIN.chunks(),
                null,
                List.of(tablespaces));
    }

    private static Site site(String location, String device, long free, @Nullable String obstacle) {
        return new Site(location, device, free, obstacle);
    }

    private static TablespaceFacts facts(Site... sites) {
        return new TablespaceFacts(List.of(sites), List.of(), "data");
    }

    private static Creation creation(int timeline, String start, String end) {
        return new Creation(timeline, Lsn.parse(start), Lsn.parse(end), "16400", "/srv/new");
    }

    private static TablespaceFacts creations(Creation... creations) {
        return new TablespaceFacts(List.of(), List.of(creations), "data");
    }
}
