package dev.lifeboat.workflows.contract.postgres;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.lifeboat.workflows.domain.postgres.Dump;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a restore of a dump is planned on, read from the bucket and the open server.
 *
 * @param readAt       by the clock of the worker's host
 * @param dumps        the finished ones of the database, oldest first; of very many the newest
 * @param named        the one whose ID or whose object was asked for; null for none
 * @param loose        addresses of objects that are named like dumps of the database and have no manifest, newest last
 * @param unreadable   manifests that cannot be understood
 * @param databases    that the server has
 * @param live         the database itself; null when it is not there
 * @param login        what the configured user may do
 * @param writers      the configured ones
 * @param cores        of the worker's host
 * @param doubts       of dumps that a run restored and did not find good, and none has since: what it saw, by ID
 * @param lastCommitAt when the worker last saw the cluster commit; null when it never did
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record DumpRestoreFacts(
        Instant readAt,
        List<Dump> dumps,
        @Nullable Dump named,
        List<String> loose,
        List<String> unreadable,
        List<String> databases,
        @Nullable Live live,
        Login login,
        List<String> writers,
        int cores,
        @Nullable Instant lastCommitAt,
        Map<String, String> doubts,
        StepOutcome outcome)
        implements Outcome<DumpRestoreFacts> {

    /** Histories from before there were doubts name none. */
    public DumpRestoreFacts {
        doubts = Objects.requireNonNullElse(doubts, Map.of());
    }

    /**
     * @param ours          whether the configured user owns it, or may act as its owner
     * @param subscriptions of it: they are fed by another cluster
     * @param slots         logical replication slots: they feed others from it
     * @param prepared      transactions that were prepared and not ended; no database with one can be renamed
     * @param template      whether it is a template or one that the server itself needs
     */
    public record Live(
            String owner,
            boolean ours,
            long bytes,
            List<String> subscriptions,
            List<String> slots,
            int prepared,
            boolean template) {}

    /**
     * @param signals whether it may end the sessions of others
     */
    public record Login(String user, boolean superuser, boolean createsDatabases, boolean signals) {}

    @Override
    public DumpRestoreFacts withOutcome(StepOutcome noted) {
        return new DumpRestoreFacts(
                readAt,
                dumps,
                named,
                loose,
                unreadable,
                databases,
                live,
                login,
                writers,
                cores,
                lastCommitAt,
                doubts,
                noted);
    }
}
