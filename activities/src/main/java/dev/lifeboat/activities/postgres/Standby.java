package dev.lifeboat.activities.postgres;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import dev.lifeboat.workflows.contract.evidence.Finding;
import dev.lifeboat.workflows.domain.postgres.Lsn;
import dev.lifeboat.workflows.domain.postgres.TimelineHistory;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * A server that streams from the cluster. One that reads the archive only is seen by nobody.
 *
 * @param name        what it calls itself
 * @param address     where it comes from
 * @param slot        its replication slot; empty without one
 * @param sent        up to where it was sent WAL; empty when nobody knows
 * @param synchronous commits wait for it
 */
@JsonIgnoreProperties(ignoreUnknown = true)
record Standby(String name, String address, String slot, String sent, boolean synchronous) {

    /** A JSON array of them. Subscribers have a logical slot each; who takes a base backup or receives files follows nothing. */
    static final String SQL =
            """
            (select coalesce(json_agg(json_build_object(
                'name', coalesce(nullif(r.application_name, ''), '?'),
                'address', coalesce(host(r.client_addr), 'the local socket'),
                'slot', coalesce(s.slot_name, ''),
                'sent', coalesce(r.sent_lsn::text, ''),
                'synchronous', coalesce(r.sync_state in ('sync', 'quorum'), false)) order by r.application_name, r.pid), '[]')
             from pg_stat_replication r left join pg_replication_slots s on s.active_pid = r.pid
             where coalesce(s.slot_type, 'physical') = 'physical' and coalesce(r.state, '') <> 'backup'
               and r.application_name not like 'pg_basebackup%' and r.application_name not in ('lifeboat', 'pg_receivewal'))""";

    String words() {
        return name + " at " + address
                + (slot.isEmpty() ? ", without a slot" : ", by the slot " + slot)
                + (sent.isEmpty() ? "" : ", was sent WAL up to " + sent)
                + (synchronous ? ", synchronous" : "");
    }

    /** @param fork where the recovered cluster left the timeline that they follow; empty when it is not known */
    static List<Finding> findings(List<Standby> all, Optional<TimelineHistory.Fork> fork) {
        Predicate<Standby> near = each -> fork.isPresent()
                && !each.sent().isEmpty()
                && !Lsn.parse(each.sent()).isAfter(fork.get().end());
        List<Standby> beyond = all.stream().filter(Predicate.not(near)).toList();
        List<Standby> behind = all.stream().filter(near).toList();
        List<Finding> findings = new ArrayList<>();
        if (!beyond.isEmpty()) {
            findings.add(new Finding(
                    "high",
                    "%d standby(s) cannot follow the recovered cluster and go on answering with what was undone: %s%s"
                            .formatted(
                                    beyond.size(),
                                    listed(beyond),
                                    fork.map(left -> "; timeline %d was left at %s"
                                                    .formatted(left.timeline(), left.end()))
                                            .orElse("")),
                    "promote none of them, by hand or by a failover manager: it would be a second primary. Keep readers away, stop each, then build it anew with pg_basebackup, or pg_rewind it"
                            + slotsAgain(beyond)));
        }
        if (!behind.isEmpty()) {
            findings.add(new Finding(
                    "medium",
                    "%d standby(s) may follow the recovered cluster, which left timeline %d at %s: %s"
                            .formatted(
                                    behind.size(),
                                    fork.orElseThrow().timeline(),
                                    fork.orElseThrow().end(),
                                    listed(behind)),
                    "see pg_stat_replication; one whose log says 'forked off' of the new timeline must be rewound with pg_rewind or built anew, and never be promoted"
                            + slotsAgain(behind)));
        }
        return findings;
    }

    private static String listed(List<Standby> standbys) {
        return standbys.stream().map(Standby::words).collect(Collectors.joining("; "));
    }

    private static String slotsAgain(List<Standby> standbys) {
        String again = standbys.stream()
                .map(Standby::slot)
                .filter(slot -> !slot.isEmpty())
                .map("select pg_create_physical_replication_slot('%s', true)"::formatted)
                .collect(Collectors.joining("; "));
        return again.isEmpty() ? "" : ". First make what they stream by: " + again;
    }
}
