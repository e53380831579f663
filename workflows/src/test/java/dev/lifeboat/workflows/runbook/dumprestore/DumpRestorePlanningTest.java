package dev.lifeboat.workflows.runbook.dumprestore;

import static dev.lifeboat.workflows.runbook.DumpFacts.LIVE;
import static dev.lifeboat.workflows.runbook.DumpFacts.NEWEST;
import static dev.lifeboat.workflows.runbook.DumpFacts.NOW;
import static dev.lifeboat.workflows.runbook.DumpFacts.SNAPSHOT;
import static dev.lifeboat.workflows.runbook.DumpFacts.SUPERUSER;
import static dev.lifeboat.workflows.runbook.DumpFacts.dump;
import static dev.lifeboat.workflows.runbook.DumpFacts.facts;
import static dev.lifeboat.workflows.runbook.DumpFacts.input;
import static dev.lifeboat.workflows.runbook.DumpFacts.source;
import static dev.lifeboat.workflows.runbook.DumpFacts.without;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lifeboat.workflows.contract.evidence.Finding;
import dev.lifeboat.workflows.contract.postgres.DumpRestoreFacts;
import dev.lifeboat.workflows.contract.postgres.DumpRestoreFacts.Live;
import dev.lifeboat.workflows.contract.postgres.DumpRestoreFacts.Login;
import dev.lifeboat.workflows.contract.postgres.DumpRestorePlan;
import dev.lifeboat.workflows.contract.postgres.DumpRestorePlan.AskedTables;
import dev.lifeboat.workflows.contract.postgres.DumpRestorePlan.Choice;
import dev.lifeboat.workflows.contract.postgres.DumpRestorePlan.Kind;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import dev.lifeboat.workflows.domain.postgres.Dump;
import dev.lifeboat.workflows.domain.postgres.DumpBytes;
import dev.lifeboat.workflows.domain.postgres.DumpBytes.Format;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class DumpRestorePlanningTest {

    private static final DumpBytes SQL = new DumpBytes(Format.SQL, List.of(), false);

    @Test
    void theNewestDumpIsTakenUnlessAnotherIsNamed() {
        assertThat(DumpChoice.choose(asking("latest"), facts())).isEqualTo(new Choice(Kind.DUMP, NEWEST));
        assertThat(DumpChoice.choose(
                        asking("shop_2026-08-21_020000"),
                        facts(List.of(), dump("shop_2026-08-21_020000"), LIVE, SUPERUSER)))
                .isEqualTo(new Choice(Kind.DUMP, "shop_2026-08-21_020000"));
        assertThat(DumpChoice.choose(asking("s3://b/postgres/daily/x.dump.gz"), facts())
                        .kind())
                .isEqualTo(Kind.OBJECT);
        assertThat(DumpChoice.choose(asking("/srv/x.dump"), facts()).kind()).isEqualTo(Kind.FILE);
    }

    @Test
    void whereThereIsNoDumpAFileWithoutAManifestIsOffered() {
        assertThatThrownBy(() -> DumpChoice.choose(asking("latest"), facts(List.of(), null, LIVE, SUPERUSER)))
                .isInstanceOfSatisfying(RecoveryFailure.class, failure -> {
                    assertThat(failure.code()).isEqualTo(FailureCode.UNKNOWN_BACKUP);
                    assertThat(failure.hint())
                            .contains("--backup s3://b/postgres/daily/shop_2026-02-15_020000.dump.gz");
                });
        assertThatThrownBy(() -> DumpChoice.choose(asking("nowhere"), facts()))
                .hasMessageContaining("cannot find the dump nowhere of main");
    }

    @Test
    void aDumpOfAnotherDatabaseIsRefused() {
        assertThatThrownBy(() -> DumpChoice.choose(
                        asking("erp_2026-08-21_020000"),
                        facts(List.of(), dump("erp_2026-08-21_020000"), LIVE, SUPERUSER)))
                .hasMessageContaining("one of the database erp");
    }

    @Test
    void besideTheLiveOneANewNameIsMadeUpAndNobodyIsStopped() {
        DumpRestorePlan plan = plan(input(false, false), facts());

        assertThat(plan.restored()).isEqualTo("shop_restored_20260822_093107");
        assertThat(plan.kept()).isNull();
        assertThat(plan.writers()).isEmpty();
        assertThat(plan.jobs()).isEqualTo(2);
    }

    @Test
    void inItsPlaceTheLiveOneIsKeptUnderADatedName() {
        DumpRestorePlan plan = plan(input(true, false), facts());

        assertThat(plan.kept()).isEqualTo("shop_before_20260822_093107");
        assertThat(plan.writers()).containsExactly("backend");
    }

    @Test
    void whereTheLiveOneIsGoneNothingIsKeptAndLossIsCountedToTheLastCommitSeen() {
        DumpRestorePlan plan = plan(input(true, false), facts(List.of(), null, null, SUPERUSER));

        assertThat(plan.kept()).isNull();
        assertThat(DumpRestoreText.lost(plan, NOW.plusSeconds(500)))
                .isEqualTo(Duration.between(SNAPSHOT, NOW.minusSeconds(60)));
    }

    @Test
    void namesStayWithinWhatPostgresqlKeeps() {
        String longest = "ä".repeat(31) + "x";
        DumpRestoreInput input = new DumpRestoreInput(
                input(true, false).request(), "main", longest, "latest", null, true, 0, List.of(), false, false);

        DumpRestorePlan plan =
                DumpRestorePlanning.decide(input, facts(), source(), NOW).orThrow();

        assertThat(plan.restored().getBytes(StandardCharsets.UTF_8).length).isBetween(60, 63);
        assertThat(plan.restored()).endsWith("_restored_20260822_093107").doesNotContain("\uFFFD");
        assertThat(plan.kept()).isNotEqualTo(plan.restored());
    }

    @Test
    void aNameThatIsTakenIsRefused() {
        refused(
                input(false, "latest", "postgres", false, List.of(), false, false),
                facts(),
                FailureCode.DATABASE_EXISTS);
    }

    @Test
    void plainSqlNeedsPermissionAndIsRunAsAWhole() {
        assertThat(DumpRestorePlanning.decide(input(false, false), facts(), source(SQL, List.of()), NOW)
                        .refusals())
                .extracting(RecoveryFailure::code)
                .containsExactly(FailureCode.DUMP_UNUSABLE);
        assertThat(DumpRestorePlanning.decide(
                                input(false, "latest", null, false, List.of("t"), false, true),
                                facts(),
                                source(SQL, List.of()),
                                NOW)
                        .refusals())
                .hasSize(1);
        assertThat(DumpRestorePlanning.decide(
                                input(false, "latest", null, false, List.of(), false, true),
                                facts(),
                                source(SQL, List.of()),
                                NOW)
                        .refusals())
                .isEmpty();
    }

    @Test
    void aTableThatTheDumpDoesNotHaveIsRefusedWithTheNearest() {
        assertThat(refusal("ordres", without("ordres", "", List.of("public.orders"))))
                .hasMessage("cannot restore the table ordres: %s has 7 tables, and none of that name"
                        .formatted(source().address()))
                .satisfies(refused -> {
                    assertThat(refused.code()).isEqualTo(FailureCode.UNKNOWN_TABLE);
                    assertThat(refused.hint()).startsWith("nearest is public.orders; ");
                });
        assertThat(refusal("newest", without("newest", "view", List.of())))
                .hasMessageEndingWith("it is a view, and only tables can be restored singly")
                .extracting(RecoveryFailure::hint)
                .asString()
                .startsWith("'pg_restore --list'");
    }

    @Test
    void aTableOfWhichTheDumpHasNoRowsIsRestoredWithAWord() {
        var planned = DumpRestorePlanning.decide(
                input("parts"), facts(), source(new AskedTables(7, List.of(), List.of("parts"))), NOW);

        assertThat(planned.refusals()).isEmpty();
        assertThat(planned.findings())
                .extracting(Finding::what)
                .containsExactly("the dump has no rows of parts: of a partitioned table the partitions have them");
    }

    private static RecoveryFailure refusal(String table, AskedTables found) {
        List<RecoveryFailure> refusals = DumpRestorePlanning.decide(input(table), facts(), source(found), NOW)
                .refusals();
        assertThat(refusals).hasSize(1);
        return refusals.get(0);
    }

    @Test
    void aNameThatSaysSomethingElseIsAFindingAndWhereAskedARefusal() {
        var odd = source(source().bytes(), List.of("its name says gzip, and it is zstd"));

        assertThat(DumpRestorePlanning.decide(input(false, false), facts(), odd, NOW)
                        .findings())
                .extracting(Finding::what)
                .anyMatch(what -> what.endsWith("its name says gzip, and it is zstd"));
        assertThat(DumpRestorePlanning.decide(
                                input(false, "latest", null, false, List.of(), true, false), facts(), odd, NOW)
                        .refusals())
                .extracting(RecoveryFailure::code)
                .containsExactly(FailureCode.DUMP_UNUSABLE);
    }

    @Test
    void aLoginThatMayNotDoItIsToldWhatASuperuserSays() {
        Login weak = new Login("app", false, false, false);
        Live foreign = new Live("other", false, 1, List.of(), List.of(), 0, false);

        refused(input(false, false), facts(List.of(), null, LIVE, weak), FailureCode.PRIVILEGE_MISSING);
        assertThat(DumpRestorePlanning.decide(input(true, false), facts(List.of(), null, foreign, weak), source(), NOW)
                        .refusals())
                .extracting(RecoveryFailure::hint)
                .anyMatch(hint -> hint.contains("createdb"))
                .anyMatch(hint -> hint.contains("member of other"))
                .anyMatch(hint -> hint.contains("grant pg_signal_backend"));
    }

    @Test
    void aDatabaseThatCannotBeRenamedIsRefusedBeforeAnythingIsRestored() {
        for (Live live : List.of(
                new Live("o", true, 1, List.of("from_erp"), List.of(), 0, false),
                new Live("o", true, 1, List.of(), List.of(), 2, false),
                new Live("o", true, 1, List.of(), List.of(), 0, true))) {
            refused(input(true, false), facts(List.of(), null, live, SUPERUSER), FailureCode.SWAP_IMPOSSIBLE);
            assertThat(DumpRestorePlanning.decide(
                                    input(false, false), facts(List.of(), null, live, SUPERUSER), source(), NOW)
                            .refusals())
                    .as("beside it nothing is renamed")
                    .isEmpty();
        }
    }

    @Test
    void onePreparedTransactionIsOne() {
        Live held = new Live("o", true, 1, List.of(), List.of(), 1, false);

        assertThat(DumpRestorePlanning.decide(
                                input(true, false), facts(List.of(), null, held, SUPERUSER), source(), NOW)
                        .refusals())
                .singleElement()
                .asString()
                .contains("it has 1 prepared transaction, and");
    }

    @Test
    void followersByLogicalSlotsAreAHighFinding() {
        Live followed = new Live("o", true, 1, List.of(), List.of("to_erp"), 0, false);

        assertThat(DumpRestorePlanning.decide(
                                input(true, false), facts(List.of(), null, followed, SUPERUSER), source(), NOW)
                        .findings())
                .extracting(Finding::severity)
                .containsExactly("high");
    }

    @Test
    void aDumpThatWasNotFoundGoodIsTakenWithAWordAndTheNewestGoodOneIsNamed() {
        String older = "shop_2026-08-21_020000";
        List<Dump> dumps = List.of(dump("shop_2026-08-20_020000"), dump(older), dump(NEWEST));

        assertThat(findings(facts(dumps, null, LIVE, SUPERUSER, Map.of(NEWEST, "rows: 11"))))
                .singleElement()
                .satisfies(finding -> {
                    assertThat(finding.severity()).isEqualTo("high");
                    assertThat(finding.what()).contains(NEWEST, "was not found good", "rows: 11");
                    assertThat(finding.hint()).endsWith("--backup " + older);
                });
        assertThat(findings(facts(dumps, null, LIVE, SUPERUSER, Map.of(older, "rows: 11"))))
                .as("another one is none of its business")
                .isEmpty();
        assertThat(findings(facts(List.of(dump(NEWEST)), null, LIVE, SUPERUSER, Map.of(NEWEST, "rows: 11"))))
                .extracting(Finding::hint)
                .singleElement()
                .asString()
                .contains("lifeboat backups main");
    }

    private static List<Finding> findings(DumpRestoreFacts facts) {
        return DumpRestorePlanning.decide(input(true, false), facts, source(), NOW)
                .findings();
    }

    @Test
    void theDigestIsOfDecisionsAndNotOfWhatGrows() {
        DumpRestorePlan plan = plan(input(true, false), facts());

        assertThat(plan.digest()).isEqualTo(plan(input(true, true), facts()).digest());
        assertThat(plan.digest())
                .isNotEqualTo(plan(input(false, false), facts()).digest());
    }

    private static DumpRestorePlan plan(DumpRestoreInput input, DumpRestoreFacts facts) {
        return DumpRestorePlanning.decide(input, facts, source(), NOW).orThrow();
    }

    private static void refused(DumpRestoreInput input, DumpRestoreFacts facts, @Nullable FailureCode code) {
        assertThat(DumpRestorePlanning.decide(input, facts, source(), NOW).refusals())
                .extracting(RecoveryFailure::code)
                .contains(code);
    }

    private static DumpRestoreInput asking(String backup) {
        return input(false, backup, null, false, List.of(), false, false);
    }
}
