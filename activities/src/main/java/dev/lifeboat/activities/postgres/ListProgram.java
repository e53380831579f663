package dev.lifeboat.activities.postgres;

import dev.lifeboat.activities.store.Transcript;
import dev.lifeboat.workflows.domain.FailureCode;
import dev.lifeboat.workflows.domain.RecoveryFailure;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** {@code pg_restore --list} of an archive that is given to it piece by piece. It reads the beginning only. */
final class ListProgram implements AutoCloseable {

    private final Path list;
    private final Path errors;
    private final Process process;
    private final Watch watch;
    private final ProcessGuard guard;
    private final OutputStream input;
    private boolean reading = true;

    ListProgram(ClusterAccess access, Watch watch) throws IOException {
        this.list = Files.createTempFile("lifeboat", ".list");
        this.errors = Files.createTempFile("lifeboat", ".err");
        List<String> command = access.program("pg_restore", "--list");
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.directory(Path.of("/").toFile());
        builder.environment().putAll(Map.of("LC_ALL", "C"));
        builder.redirectOutput(list.toFile());
        builder.redirectError(errors.toFile());
        Transcript.note("runs: " + ShellWords.of(command));
        try {
            this.process = builder.start();
        } catch (IOException e) {
            delete();
            throw new RecoveryFailure(
                    FailureCode.MISSING_BINARY,
                    "cannot run %s: %s".formatted(command.get(0), e.getMessage()),
                    "check bin-directory in lifeboat.yaml",
                    e);
        }
        this.watch = watch;
        this.guard = new ProcessGuard(process, watch);
        this.input = process.getOutputStream();
    }

    /** Whether it still wants bytes: of most archives the list stands at the beginning. */
    boolean isReading() {
        return reading;
    }

    /** The next piece; what it no longer reads is passed over. */
    void offer(byte[] bytes, int count) {
        if (!reading) {
            return;
        }
        try {
            input.write(bytes, 0, count);
            input.flush();
        } catch (IOException e) {
            // It has read what it wanted, and closed its end.
            reading = false;
        }
    }

    /**
     * @throws RecoveryFailure BACKUP_DAMAGED when these bytes are no archive that it can list; COMMAND_FAILED where somebody
     *     ended it, which says nothing of them
     */
    String result(Charset charset) throws IOException, InterruptedException {
        try {
            input.close();
        } catch (IOException e) {
            reading = false;
        }
        int exitCode = process.waitFor();
        // One that was ended for us says nothing of the archive.
        watch.check();
        String said = Files.readString(errors, StandardCharsets.UTF_8);
        Transcript.quote("pg_restore exited with %d".formatted(exitCode), said);
        if (exitCode > Commands.SIGNALS) {
            throw new RecoveryFailure(
                    FailureCode.COMMAND_FAILED,
                    "cannot list the archive: pg_restore was ended by signal %d".formatted(exitCode - Commands.SIGNALS),
                    "it is tried again; look whether this host is short of memory ('dmesg' tells)");
        }
        if (exitCode != 0) {
            throw new RecoveryFailure(
                    FailureCode.BACKUP_DAMAGED,
                    "pg_restore cannot list the archive: " + said.strip(),
                    "take a new dump; what was stored is what pg_dump wrote, so look at its log in the evidence");
        }
        return new String(Files.readAllBytes(list), charset);
    }

    @Override
    public void close() throws IOException {
        guard.close();
        delete();
    }

    private void delete() throws IOException {
        Files.deleteIfExists(list);
        Files.deleteIfExists(errors);
    }
}
