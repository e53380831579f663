package dev.lifeboat.activities.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lifeboat.activities.postgres.DumpReadiness.Chosen;
import dev.lifeboat.activities.postgres.DumpReadiness.Database;
import dev.lifeboat.workflows.contract.evidence.Finding;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.util.List;
import org.junit.jupiter.api.Test;

class DumpReadinessTest {

    private static final List<Database> THERE = List.of(
            new Database("broken off", false, true, true),
            new Database("closed", false, false, false),
            new Database("postgres", false, true, false),
            new Database("shop", false, true, false),
            new Database("template0", true, false, false),
            new Database("template1", true, true, false));

    @Test
    void withoutAListEveryDatabaseButTemplatesIsDumpedAndWhoIsLeftOutIsNamed() {
        Chosen chosen = DumpReadiness.choose("main", List.of(), null, THERE);

        assertThat(chosen.databases()).containsExactly("postgres", "shop");
        assertThat(chosen.findings())
                .extracting(Finding::what)
                .satisfiesExactly(
                        what -> assertThat(what).contains("broken off", "DROP DATABASE"),
                        what -> assertThat(what).contains("closed", "allows no connections"));
    }

    @Test
    void aListIsTakenAsItIsSoThatOneThatIsMissingKeepsNoOtherFromBeingDumped() {
        assertThat(DumpReadiness.choose("main", List.of("shop", "gone", "shop"), null, THERE)
                        .databases())
                .containsExactly("shop", "gone");
    }

    @Test
    void aNamedDatabaseThatIsNotThereIsRefusedWithThoseThereAre() {
        assertThat(DumpReadiness.choose("main", List.of("shop"), "postgres", THERE)
                        .databases())
                .containsExactly("postgres");
        assertThatThrownBy(() -> DumpReadiness.choose("main", List.of(), "Shop", THERE))
                .isInstanceOfSatisfying(RecoveryFailure.class, failure -> assertThat(failure.code())
                        .isEqualTo(FailureCode.CLUSTER_NOT_READY))
                .hasMessageContaining("closed, postgres, shop");
    }

    @Test
    void aClusterWithNothingToDumpIsRefused() {
        assertThatThrownBy(() -> DumpReadiness.choose("main", List.of(), null, THERE.subList(4, 6)))
                .hasMessageContaining("there is nothing to dump in main");
    }

    @Test
    void anOlderPgDumpIsRefusedBeforeAnythingIsDumped() {
        assertThatThrownBy(() -> DumpReadiness.requireNotOlder(
                        "pg_dump", "pg_dump (PostgreSQL) 15.18 (Debian 15.18-1)", "16.2", "main"))
                .isInstanceOfSatisfying(RecoveryFailure.class, failure -> assertThat(failure.code())
                        .isEqualTo(FailureCode.CLUSTER_NOT_READY))
                .hasMessageContaining("15.18")
                .hasMessageContaining("16.2");
        DumpReadiness.requireNotOlder("pg_dump", "pg_dump (PostgreSQL) 17.0", "16.2", "main");
        DumpReadiness.requireNotOlder("pg_dump", "pg_dump (PostgreSQL) 18beta1", "18beta1", "main");
    }
}
