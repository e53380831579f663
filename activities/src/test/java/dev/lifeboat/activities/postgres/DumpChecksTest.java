package dev.lifeboat.activities.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lifeboat.workflows.contract.evidence.Check;
import dev.lifeboat.workflows.contract.evidence.Verdict;
import dev.lifeboat.workflows.domain.postgres.DatabaseFacts;
import dev.lifeboat.workflows.domain.postgres.DatabaseFacts.Extension;
import dev.lifeboat.workflows.domain.postgres.DatabaseFacts.Revision;
import dev.lifeboat.workflows.domain.postgres.DatabaseFacts.Sequence;
import dev.lifeboat.workflows.domain.postgres.DatabaseFacts.Table;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class DumpChecksTest {

    private static final List<Table> TABLES =
            List.of(new Table("public", "orders", 1200), new Table("shop", "items", 34));
    private static final List<Extension> EXTENSIONS = List.of(new Extension("plpgsql", "1.0", "pg_catalog"));
    private static final List<Sequence> SEQUENCES = List.of(new Sequence("public", "orders_id_seq", 1200, true));
    private static final List<Revision> REVISIONS = List.of(new Revision("alembic", "public.alembic_version", "7f3a"));
    private static final DatabaseFacts DUMPED = new DatabaseFacts(TABLES, EXTENSIONS, SEQUENCES, null, REVISIONS, 3);

    @Test
    void whatHoldsTheSameIsGreenInEveryCheck() {
        assertThat(DumpChecks.compare(DUMPED, DUMPED))
                .extracting(Check::name)
                .containsExactly(
                        "tables", "exact row counts", "extensions", "sequences", "schema revision", "large objects");
        assertThat(DumpChecks.compare(DUMPED, DUMPED))
                .extracting(Check::verdict)
                .containsOnly(Verdict.PASS);
    }

    @Test
    void aTableThatIsMissingIsNamed() {
        Check tables = failed(with(TABLES.subList(0, 1)), "tables");

        assertThat(tables.expected()).isEqualTo("2");
        assertThat(tables.observed()).isEqualTo("1; missing: shop.items");
        assertThat(failed(with(TABLES.subList(0, 1)), "exact row counts").observed())
                .isEqualTo("1200; shop.items has no table, not 34");
    }

    @Test
    void aTableThatTheDumpDoesNotHaveIsNamed() {
        List<Table> more = List.of(TABLES.get(0), TABLES.get(1), new Table("public", "left", 0));

        assertThat(failed(with(more), "tables").observed()).isEqualTo("3; not in the dump: public.left");
    }

    @Test
    void oneRowTooFewIsNamedEvenWhereAnotherTableHasOneMore() {
        List<Table> moved = List.of(new Table("public", "orders", 1199), new Table("shop", "items", 35));

        assertThat(failed(with(moved), "exact row counts").observed())
                .isEqualTo("1234; public.orders has 1199, not 1200, shop.items has 35, not 34");
    }

    @Test
    void nothingRestoredIsRedEvenWhereNothingWasDumped() {
        DatabaseFacts nothing = new DatabaseFacts(List.of(), List.of(), List.of(), null, List.of(), 0);
        DatabaseFacts noRows =
                new DatabaseFacts(List.of(new Table("public", "orders", 0)), List.of(), List.of(), null, List.of(), 0);

        assertThat(DumpChecks.compare(nothing, nothing).subList(0, 2))
                .extracting(Check::verdict)
                .containsExactly(Verdict.FAIL, Verdict.FAIL);
        assertThat(DumpChecks.compare(noRows, noRows).subList(0, 2))
                .extracting(Check::verdict)
                .containsExactly(Verdict.PASS, Verdict.FAIL);
        assertThat(DumpChecks.withoutManifest(nothing))
                .extracting(Check::verdict)
                .containsExactly(Verdict.FAIL, Verdict.FAIL, Verdict.NOT_MEASURED);
    }

    @Test
    void withoutAManifestNobodySaysThatTheRowsAreRight() {
        assertThat(DumpChecks.withoutManifest(DUMPED))
                .extracting(Check::verdict)
                .containsExactly(Verdict.PASS, Verdict.PASS, Verdict.NOT_MEASURED);
    }

    @Test
    void anExtensionOfAnotherVersionIsNamedWithBoth() {
        DatabaseFacts newer = new DatabaseFacts(
                TABLES, List.of(new Extension("plpgsql", "1.1", "pg_catalog")), SEQUENCES, null, REVISIONS, 3);

        assertThat(failed(newer, "extensions").observed()).isEqualTo("plpgsql is 1.1, not 1.0");
    }

    @Test
    void aSequenceMayStandFurtherAndNotFurtherBack() {
        assertThat(sequence(new Sequence("public", "orders_id_seq", 1250, true)).verdict())
                .isEqualTo(Verdict.PASS);
        assertThat(sequence(new Sequence("public", "orders_id_seq", 1199, true)).observed())
                .isEqualTo("public.orders_id_seq stands at 1199, not at 1200");
        assertThat(sequence(new Sequence("public", "orders_id_seq", 1200, false))
                        .verdict())
                .isEqualTo(Verdict.FAIL);
    }

    @Test
    void aSequenceThatCountsDownHasReachedALowerNumber() {
        DatabaseFacts down = new DatabaseFacts(
                TABLES, List.of(), List.of(new Sequence("public", "down", -10, true)), null, List.of(), 0);
        DatabaseFacts further = new DatabaseFacts(
                TABLES, List.of(), List.of(new Sequence("public", "down", -12, true)), null, List.of(), 0);

        assertThat(DumpChecks.compare(down, further).get(3).verdict()).isEqualTo(Verdict.PASS);
        assertThat(DumpChecks.compare(further, down).get(3).verdict()).isEqualTo(Verdict.FAIL);
    }

    @Test
    void anotherRevisionAndLostLargeObjectsAreRed() {
        DatabaseFacts other = new DatabaseFacts(
                TABLES,
                EXTENSIONS,
                SEQUENCES,
                null,
                List.of(new Revision("alembic", "public.alembic_version", "66aa")),
                2);

        assertThat(failed(other, "schema revision").observed())
                .isEqualTo("alembic public.alembic_version is 66aa, not 7f3a");
        assertThat(failed(other, "large objects").observed()).isEqualTo("2");
    }

    @Test
    void ofSingleTablesOnlyTheseAreLookedAt() {
        DatabaseFacts items = new DatabaseFacts(TABLES.subList(1, 2), List.of(), List.of(), null, List.of(), 0);

        assertThat(DumpChecks.compareTables(DUMPED, items, List.of("items")))
                .extracting(Check::verdict)
                .containsExactly(Verdict.PASS, Verdict.PASS);
        assertThat(DumpChecks.compareTables(DUMPED, items, List.of("shop.items", "orders")))
                .extracting(Check::verdict)
                .containsExactly(Verdict.FAIL, Verdict.FAIL);
    }

    @Test
    void ofManyDifferencesAReportNamesAFew() {
        List<Table> many = IntStream.range(0, 40)
                .mapToObj(n -> new Table("public", "t%02d".formatted(n), 1))
                .toList();
        DatabaseFacts dumped = new DatabaseFacts(many, List.of(), List.of(), null, List.of(), 0);

        Check tables = DumpChecks.compare(dumped, with(many.subList(0, 10))).get(0);

        assertThat(tables.observed())
                .isEqualTo("10; missing: public.t10, public.t11, public.t12, public.t13, public.t14, and 25 more");
    }

    private static Check sequence(Sequence stands) {
        return DumpChecks.compare(DUMPED, new DatabaseFacts(TABLES, EXTENSIONS, List.of(stands), null, REVISIONS, 3))
                .get(3);
    }

    private static DatabaseFacts with(List<Table> tables) {
        return new DatabaseFacts(tables, EXTENSIONS, SEQUENCES, null, REVISIONS, 3);
    }

    private static Check failed(DatabaseFacts observed, String name) {
        Check found = DumpChecks.compare(DUMPED, observed).stream()
                .filter(check -> check.name().equals(name))
                .findFirst()
                .orElseThrow();
        assertThat(found.verdict()).isEqualTo(Verdict.FAIL);
        return found;
    }
}
