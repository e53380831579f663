package dev.lifeboat.activities.postgres;

import dev.lifeboat.workflows.contract.evidence.Check;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.time.Duration;

/** Proves that a running server is closed to everybody else, and ends those who are still in. */
final class ClosedServer {

    private static final Duration TO_RELOAD = Duration.ofSeconds(10);
    private static final Duration TO_LEAVE = Duration.ofSeconds(15);
    private static final String RULES =
            """
            select string_agg(format('%s %s %s', type, array_to_string(user_name, ','), auth_method), '; ')
              || coalesce(' ERROR: ' || string_agg(error, '; '), '')
            from pg_hba_file_rules""";
    private static final String OTHERS =
            """
            from pg_stat_activity
            where pid <> pg_backend_pid() and backend_type in ('client backend', 'walsender')""";

    private final LiveContext context;

    ClosedServer(LiveContext context) {
        this.context = context;
    }

    /** Waits for the reload: until then the old rules may keep us out. */
    boolean letsUsIn(LocalPsql psql) {
        return Waiting.until(TO_RELOAD, () -> psql.ask("select 1").succeeded());
    }

    Check proveRules(LocalPsql psql) {
        String wanted = "local " + context.cluster().user() + " peer";
        String seen = psql.ask(RULES).output().strip();
        if (!seen.equals(wanted)) {
            throw new RecoveryFailure(
                    FailureCode.SESSIONS_REMAIN,
                    "cannot close %s: its access rules should be '%s' and are '%s'"
                            .formatted(context.cluster().name(), wanted, seen),
                    "see pg_hba_file_rules and hba_file of that server, then 'lifeboat retry'");
        }
        return Check.of("access rules admit only the server's own user", wanted, seen, true);
    }

    /** The rules in the file are one thing; that the server works by them is shown by a login that it refuses. */
    Check proveRefusal() {
        LiveDatabase database = new LiveDatabase(context);
        LiveDatabase.Answer[] last = {new LiveDatabase.Answer(true, "", "not tried")};
        boolean refused = Waiting.until(TO_RELOAD, () -> {
            last[0] = database.tryLogin(context.cluster().port());
            return !last[0].accepted()
                    && (last[0].sqlState().equals(LiveDatabase.NOT_ADMITTED)
                            || last[0].sqlState().equals(LiveDatabase.NO_ANSWER));
        });
        String address = context.cluster().host() + ":" + context.cluster().port();
        if (!refused) {
            throw new RecoveryFailure(
                    FailureCode.SESSIONS_REMAIN,
                    "cannot close %s: a login at %s should be refused and was %s"
                            .formatted(
                                    context.cluster().name(),
                                    address,
                                    last[0].accepted() ? "let in" : "answered with: " + last[0].message()),
                    "check that nothing else serves that address, then 'lifeboat retry'");
        }
        return Check.of(
                "a login at " + address + " is refused", "refused", LiveServer.firstLine(last[0].message()), true);
    }

    /** @return how many were ended */
    int endSessions(LocalPsql psql) {
        int[] ended = {0};
        boolean gone = Waiting.until(TO_LEAVE, () -> {
            ended[0] = Math.max(ended[0], count(psql, "select count(pg_terminate_backend(pid)) " + OTHERS));
            return count(psql, "select count(*) " + OTHERS) == 0;
        });
        if (!gone) {
            String who = psql.ask("select string_agg(format('%s of %s from %s', pid, usename,"
                            + " coalesce(host(client_addr), 'local socket')), '; ') " + OTHERS)
                    .output()
                    .strip();
            throw new RecoveryFailure(
                    FailureCode.SESSIONS_REMAIN,
                    "cannot end every session of %s: still there %s after they were terminated: %s"
                            .formatted(context.cluster().name(), TO_LEAVE, who),
                    "see what these processes wait for, end them, then 'lifeboat retry'");
        }
        return ended[0];
    }

    private static int count(LocalPsql psql, String sql) {
        Commands.Result result = psql.ask(sql);
        if (!result.succeeded()) {
            throw new RecoveryFailure(
                    FailureCode.DATABASE_UNREACHABLE,
                    "cannot see the sessions of a closed server: "
                            + result.errors().strip(),
                    "see the server's log; it is tried again");
        }
        return Integer.parseInt(result.output().strip());
    }
}
