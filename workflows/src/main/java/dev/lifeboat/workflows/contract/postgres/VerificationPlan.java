package dev.lifeboat.workflows.contract.postgres;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.lifeboat.workflows.contract.postgres.RecoveryPlan.Directories;
import dev.lifeboat.workflows.domain.postgres.Dump;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a verification will restore, and where.
 *
 * @param why             how the dump was chosen, in words
 * @param newest          whether it is the newest dump of its database, so that what it lacks is what a disaster would cost
 * @param binDirectory    the programs of the dump's major version
 * @param directories     the throw-away server's data directory, and the workspace that it lies in
 * @param keptUntil       when the server is to stay after the run; null when it is removed at its end
 * @param otherDatabases  databases that have dumps of their own, none of which this run restores
 * @param proveChecks     whether the restored copy is damaged on purpose
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record VerificationPlan(
        String cluster,
        Dump dump,
        String why,
        boolean newest,
        String binDirectory,
        Directories directories,
        @Nullable Instant keptUntil,
        List<String> otherDatabases,
        boolean proveChecks) {}
