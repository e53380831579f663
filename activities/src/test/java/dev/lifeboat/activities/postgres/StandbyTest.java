package dev.lifeboat.activities.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lifeboat.workflows.contract.evidence.Check;
import dev.lifeboat.workflows.contract.evidence.Finding;
import dev.lifeboat.workflows.domain.postgres.Lsn;
import dev.lifeboat.workflows.domain.postgres.TimelineHistory.Fork;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StandbyTest {

    private static final Standby AHEAD = new Standby("a", "10.0.0.2", "slot_a", "0/5000060", true);
    private static final Standby AT_FORK = new Standby("b", "10.0.0.3", "", "0/4000100", false);
    private static final Standby UNKNOWN = new Standby("c", "the local socket", "", "", false);
    private static final Optional<Fork> FORK = Optional.of(new Fork(1, Lsn.parse("0/4000100")));

    @Test
    void whoeverIsNotKnownToBeBehindTheForkIsSaidToBeBeyondIt() {
        List<Finding> findings = Standby.findings(List.of(AHEAD, AT_FORK, UNKNOWN), FORK);

        assertThat(findings).hasSize(2);
        assertThat(findings.get(0).severity()).isEqualTo("high");
        assertThat(findings.get(0).what())
                .contains(
                        "2 standby(s) cannot follow", "a at 10.0.0.2, by the slot slot_a, was sent WAL up to 0/5000060")
                .contains("c at the local socket, without a slot", "timeline 1 was left at 0/4000100")
                .doesNotContain("10.0.0.3");
        assertThat(findings.get(0).hint())
                .contains("promote none of them")
                .endsWith("select pg_create_physical_replication_slot('slot_a', true)");
        assertThat(findings.get(1).severity()).isEqualTo("medium");
        assertThat(findings.get(1).what()).contains("1 standby(s) may follow", "b at 10.0.0.3");
        assertThat(findings.get(1).hint()).doesNotContain("pg_create_physical_replication_slot");
    }

    @Test
    void withoutAForkNobodyIsSaidToFollow() {
        assertThat(Standby.findings(List.of(AT_FORK), Optional.empty()))
                .singleElement()
                .satisfies(finding -> assertThat(finding.what()).startsWith("1 standby(s) cannot follow"));
        assertThat(Standby.findings(List.of(), FORK)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"a|1", "*|1", "a, b|1", "2 (a, b, c)|2", "FIRST 2 (a, b)|2", "any 3 (*)|3", "\"2 odd\"|1"})
    void howManyCommitsWaitForStandsBeforeTheBrackets(String names, int wanted) {
        assertThat(SynchronousStandbys.wanted(names)).isEqualTo(wanted);
    }

    @Test
    void whatKeepsCommitsWaitingIsToldWithTheWayOut() {
        Finding finding = SynchronousStandbys.finding(
                Check.of("standbys", "1 of synchronous_standby_names = 'a'", "0 attached", false));

        assertThat(finding.what()).contains("every commit", "synchronous_standby_names = 'a'", "0 attached");
        assertThat(finding.hint()).contains("alter system set synchronous_standby_names = ''");
    }
}
