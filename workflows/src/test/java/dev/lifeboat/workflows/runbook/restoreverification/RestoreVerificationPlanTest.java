package dev.lifeboat.workflows.runbook.restoreverification;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lifeboat.workflows.contract.postgres.PostgresVerificationActivities.Lots;
import dev.lifeboat.workflows.contract.postgres.PostgresVerificationActivities.VerificationFacts;
import dev.lifeboat.workflows.contract.postgres.VerificationPlan;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.Objectives;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import dev.lifeboat.workflows.domain.postgres.Dump;
import dev.lifeboat.workflows.runbook.DumpsToVerify;
import dev.lifeboat.workflows.runbook.RunRequest;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RestoreVerificationPlanTest {

    private static final long MUCH = 100L << 30;
    private static final Dump OLD =
            DumpsToVerify.dump("shop_old", "shop", DumpsToVerify.TAKEN.minus(Duration.ofDays(30)));
    private static final Dump NEW = DumpsToVerify.dump("shop_new", "shop");
    private static final Dump OTHER = DumpsToVerify.dump("crm_new", "crm", DumpsToVerify.TAKEN.plusSeconds(300));

    @Test
    void theNewestOfTheClustersOwnDatabaseIsTakenAndTheOthersAreNamed() {
        VerificationPlan plan = plan(input(null, null, false), facts(OLD, NEW, OTHER));

        assertThat(plan.dump()).isEqualTo(NEW);
        assertThat(plan.newest()).isTrue();
        assertThat(plan.otherDatabases()).containsExactly("crm");
    }

    @Test
    void whereThatDatabaseHasNoneTheNewestOfAllIsTaken() {
        assertThat(plan(input(null, null, false), facts(OTHER)).dump()).isEqualTo(OTHER);
    }

    @Test
    void aDatabaseThatWasAskedForIsTaken() {
        assertThat(plan(input("crm", null, false), facts(OLD, NEW, OTHER)).dump())
                .isEqualTo(OTHER);
    }

    @Test
    void theOneThatWasAskedForIsTakenAndIsNotTheNewest() {
        VerificationPlan plan = plan(input(null, "shop_old", false), facts(OLD, NEW));

        assertThat(plan.dump()).isEqualTo(OLD);
        assertThat(plan.newest()).isFalse();
    }

    @Test
    void aLotDrawsAnyOfTheRetainedOnesAndTheSameOneAgain() {
        assertThat(List.of(drawn(0.0), drawn(0.34), drawn(0.67), drawn(0.999999999), drawn(0.34)))
                .containsExactly(OLD, NEW, OTHER, OTHER, NEW);
    }

    private static Dump drawn(double lot) {
        return plan(input(null, null, true), DumpsToVerify.of(List.of(OLD, NEW, OTHER), MUCH, new Lots(lot, 0)))
                .dump();
    }

    @Test
    void anUnknownDumpIsRefusedByItsName() {
        assertThat(refusal(input(null, "nobody_took_it", false), facts(NEW)))
                .satisfies(refused -> assertThat(refused.code()).isEqualTo(FailureCode.UNKNOWN_BACKUP))
                .hasMessageContaining("nobody_took_it")
                .hasMessageContaining("none of 1 dump in the catalogue");
    }

    @Test
    void aDumpOfAnotherDatabaseThanTheNamedOneIsRefused() {
        assertThat(refusal(input("crm", "shop_new", false), facts(NEW, OTHER)))
                .satisfies(refused -> assertThat(refused.code()).isEqualTo(FailureCode.UNKNOWN_BACKUP))
                .hasMessageContaining("it is one of shop");
    }

    @Test
    void withoutAnyDumpItSaysHowToTakeOne() {
        RecoveryFailure refused = refusal(input(null, null, false), facts());

        assertThat(refused.code()).isEqualTo(FailureCode.UNKNOWN_BACKUP);
        assertThat(refused.hint()).contains("lifeboat start daily-dump");
        assertThat(refused).hasMessageContaining("among 0 dumps of main");
        assertThat(refusal(input("crm", null, false), facts(NEW))).hasMessageEndingWith("among 1 dump of main");
    }

    @Test
    void aHostWithoutTheProgramsOfItsVersionIsRefused() {
        Dump newer = new Dump(
                "shop_17",
                "main",
                "shop",
                "7",
                170002,
                DumpsToVerify.TAKEN,
                DumpsToVerify.TAKEN,
                1 << 20,
                1 << 20,
                null);

        assertThat(refusal(input(null, null, false), facts(newer)))
                .satisfies(refused -> assertThat(refused.code()).isEqualTo(FailureCode.MISSING_BINARY))
                .hasMessageContaining("PostgreSQL 17")
                .hasMessageContaining("15");
    }

    @Test
    void roomIsNeededForThreeTimesTheArchive() {
        long needed = 3 * NEW.bytes() + (256L << 20);

        assertThat(RestoreVerificationPlan.decide(
                                input(null, null, false), DumpsToVerify.of(List.of(NEW), needed, new Lots(0, 0)))
                        .refusals())
                .isEmpty();
        assertThat(RestoreVerificationPlan.decide(
                                input(null, null, false), DumpsToVerify.of(List.of(NEW), needed - 1, new Lots(0, 0)))
                        .refusals())
                .singleElement()
                .satisfies(refused -> assertThat(refused.code()).isEqualTo(FailureCode.TOO_LITTLE_SPACE));
    }

    @Test
    void aServerThatIsKeptHasAFolderThatNoLaterRunWorksIn() {
        RestoreVerificationInput keep =
                new RestoreVerificationInput(request(), "main", null, null, false, false, true, objectives());

        VerificationPlan kept = plan(keep, facts(NEW));
        VerificationPlan other = plan(input(null, null, false), facts(NEW));

        assertThat(kept.directories().workspace()).endsWith("/verification-20260822T040000Z");
        assertThat(kept.keptUntil()).isEqualTo(DumpsToVerify.READ_AT.plus(Duration.ofDays(7)));
        assertThat(other.directories().workspace()).endsWith("/lifeboat-main/verification");
        assertThat(other.keptUntil()).isNull();
    }

    static RestoreVerificationInput input(@Nullable String database, @Nullable String backup, boolean random) {
        return new RestoreVerificationInput(request(), "main", database, backup, random, false, false, objectives());
    }

    static RunRequest request() {
        return new RunRequest("ana@ops-1", "monthly", true, false, objectives(), Map.of("cluster", "main"));
    }

    private static Objectives objectives() {
        return new Objectives(Duration.ofHours(2), Duration.ofHours(24));
    }

    private static VerificationFacts facts(Dump... dumps) {
        return DumpsToVerify.of(dumps);
    }

    private static VerificationPlan plan(RestoreVerificationInput input, VerificationFacts facts) {
        return RestoreVerificationPlan.decide(input, facts).orThrow();
    }

    private static RecoveryFailure refusal(RestoreVerificationInput input, VerificationFacts facts) {
        List<RecoveryFailure> refusals =
                RestoreVerificationPlan.decide(input, facts).refusals();
        assertThat(refusals).hasSize(1);
        return refusals.get(0);
    }
}
