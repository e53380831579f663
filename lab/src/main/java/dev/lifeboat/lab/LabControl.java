package dev.lifeboat.lab;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lifeboat.lab.engine.Folders;
import dev.lifeboat.lab.engine.ServersBelow;
import dev.lifeboat.lab.load.LoadWriters;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A lab that runs as a process of its own, known by a file in its folder. */
record LabControl(Path folder) {

    private static final int NOT_READY = 8;
    private static final long START_SECONDS = 120;

    /** As in the documentation. Tests have labs without them: nothing starts there by itself. */
    private static final String SCHEDULES =
            """
            schedules:
              - { runbook: base-backup, cluster: main, cron: "30 1 * * *", jitter: PT5M, catch-up: PT6H }
              - { runbook: daily-dump, cluster: main, cron: "0 2 * * *", catch-up: PT6H }
              - { runbook: restore-verification, cluster: main, cron: "0 4 1 * *", inputs: { random: true } }
            """;

    private static final ObjectMapper JSON = new ObjectMapper();

    /**
     * What is written when everything runs.
     *
     * @param processes the lab's own process first, then its children
     * @param addresses what is where, for people
     * @param elsewhere folders of it that could not be in its own
     */
    record State(List<Member> processes, Map<String, String> addresses, List<String> elsewhere) {}

    /** A process, which is the same one only while its start is the same: numbers are used again. */
    record Member(long pid, String startedAt) {

        static Member of(ProcessHandle process) {
            return new Member(process.pid(), start(process));
        }

        Optional<ProcessHandle> alive() {
            return ProcessHandle.of(pid)
                    .filter(process -> process.isAlive() && start(process).equals(startedAt));
        }

        private static String start(ProcessHandle process) {
            return process.info().startInstant().map(Instant::toString).orElse("unknown");
        }
    }

    static LabControl of(Path folder) {
        return new LabControl(folder);
    }

    int up(EngineChoice engine) {
        Optional<State> before = read();
        if (before.isPresent() && isUp(before.get())) {
            System.out.println("the lab in " + folder + " is up already");
            print(before.get());
            return 0;
        }
        if (before.isPresent() || !isEmpty()) {
            LabMain.complain(
                    before.isPresent()
                            ? "the lab in " + folder + " is dead, and its files are still there"
                            : folder + " is not empty, and no lab made it",
                    before.isPresent() ? "'lifeboat lab down --dir " + folder + "' clears it" : "name another --dir");
            return NOT_READY;
        }
        Process process = startInBackground(engine);
        Thread giveUp = new Thread(() -> end(process.toHandle()), "lab-give-up");
        Runtime.getRuntime().addShutdownHook(giveUp);
        Optional<State> now = awaitStart(process);
        if (now.isEmpty()) {
            end(process.toHandle());
        }
        Runtime.getRuntime().removeShutdownHook(giveUp);
        if (now.isPresent()) {
            System.out.println("the lab is up");
            print(now.get());
            return 0;
        }
        LabMain.complain("the lab did not start: " + lastWords(), "try again; nothing but " + log() + " is left of it");
        return 1;
    }

    private Optional<State> awaitStart(Process process) {
        for (int i = 0; i < START_SECONDS * 5 && process.isAlive(); i++) {
            Optional<State> now = read();
            if (now.isPresent()) {
                return now;
            }
            sleep();
        }
        return Optional.empty();
    }

    /** The reason as the lab's own process told it, or the last that it said at all. */
    private String lastWords() {
        try {
            List<String> lines = Files.readAllLines(log());
            return lines.stream()
                    .filter(line -> line.startsWith(LabMain.ERROR))
                    .map(line -> line.substring(LabMain.ERROR.length()))
                    .findFirst()
                    .orElse(lines.isEmpty() ? "it said nothing" : lines.get(lines.size() - 1));
        } catch (IOException e) {
            return "it left no log";
        }
    }

    int status() {
        Optional<State> state = read();
        if (state.isEmpty()) {
            System.out.println("there is no lab in " + folder);
            return NOT_READY;
        }
        System.out.println(isUp(state.get()) ? "the lab is up" : "the lab is dead; 'lifeboat lab down' clears it");
        print(state.get());
        return isUp(state.get()) ? 0 : NOT_READY;
    }

    int down() {
        Optional<State> state = read();
        if (state.isEmpty()) {
            System.out.println("there is no lab in " + folder);
            return 0;
        }
        for (Member member : state.get().processes()) {
            member.alive().ifPresent(LabControl::end);
        }
        ServersBelow.end(folder);
        for (String other : state.get().elsewhere()) {
            ServersBelow.end(Path.of(other));
            Folders.remove(Path.of(other));
        }
        Folders.remove(folder);
        System.out.println("the lab in " + folder + " is gone");
        return 0;
    }

    /** Runs the lab within this process until it is told to end. */
    int serve(EngineChoice engine) {
        try {
            return serve(Lab.builder()
                    .folder(folder)
                    .engine(engine)
                    .moreConfig(SCHEDULES)
                    .start());
        } catch (IllegalStateException e) {
            clear();
            throw e;
        }
    }

    private int serve(Lab lab) {
        lab.worker().awaitServing();
        if (lab.temporal().isReal()) {
            Cli.Result synced = lab.cli().run("schedule", "sync", "--yes");
            if (synced.exitCode() != 0) {
                throw new IllegalStateException("the schedules cannot be made: " + synced);
            }
        }
        // A few orders a second, so that there is something to lose; also over restarts and recoveries.
        LoadWriters.start(lab.postgres(), 2, Duration.ofMillis(500));
        List<Member> members = new ArrayList<>(List.of(Member.of(ProcessHandle.current())));
        ProcessHandle.current().children().map(Member::of).forEach(members::add);
        Path data = lab.postgres().root();
        write(new State(members, addresses(lab), data.startsWith(folder) ? List.of() : List.of(data.toString())));
        try {
            new CountDownLatch(1).await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return 0;
    }

    private static Map<String, String> addresses(Lab lab) {
        Map<String, String> addresses = new java.util.LinkedHashMap<>();
        addresses.put("configuration", lab.config().toString());
        addresses.put("PostgreSQL", lab.postgres().jdbcUrl());
        addresses.put("its data", lab.postgres().dataDirectory().toString());
        addresses.put("its user", lab.postgres().user());
        addresses.put("its password", "in " + lab.postgres().passwordFile());
        addresses.put("S3 store", lab.s3().endpoint() + ", bucket " + Lab.BUCKET);
        addresses.put(
                "Temporal", lab.temporal().address() + ", " + lab.temporal().description());
        lab.temporal().uiAddress().ifPresent(ui -> addresses.put("its web interface", ui));
        addresses.put("worker's health", lab.worker().health());
        addresses.put("worker's log", lab.worker().log().toString());
        return addresses;
    }

    private Process startInBackground(EngineChoice engine) {
        List<String> command = new ArrayList<>();
        if (Files.isExecutable(Path.of("/usr/bin/setsid"))) {
            command.add("/usr/bin/setsid");
        }
        command.addAll(Checkout.find().java("lab", LabMain.class.getName(), "-Xmx512m", "-XX:TieredStopAtLevel=1"));
        command.addAll(List.of("lab", "serve", "--dir", folder.toString(), "--engine", engine.name()));
        try {
            Files.createDirectories(folder);
            return new ProcessBuilder(command)
                    .redirectInput(Path.of("/dev/null").toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(log().toFile())
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void print(State state) {
        state.addresses().forEach((what, where) -> System.out.printf("  %-18s %s%n", what, where));
        System.out.println("  try                lifeboat --config " + Lab.configIn(folder) + " setup postgres main");
    }

    private static boolean isUp(State state) {
        return state.processes().get(0).alive().isPresent();
    }

    private static void end(ProcessHandle process) {
        process.destroy();
        try {
            process.onExit().get(60, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (java.util.concurrent.ExecutionException | java.util.concurrent.TimeoutException e) {
            process.destroyForcibly();
        }
    }

    /** What a start that failed has made; its log stays. */
    private void clear() {
        try (Stream<Path> files = Files.list(folder)) {
            files.filter(file -> !file.equals(log())).forEach(Folders::remove);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Path log() {
        return folder.resolve("lab.log");
    }

    private Path file() {
        return folder.resolve("lab.json");
    }

    /** But for the log of a lab that did not start. */
    private boolean isEmpty() {
        if (!Files.exists(folder)) {
            return true;
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.allMatch(log()::equals);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Optional<State> read() {
        if (!Files.exists(file())) {
            return Optional.empty();
        }
        try {
            return Optional.of(JSON.readValue(file().toFile(), State.class));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void write(State state) {
        try {
            Path next = folder.resolve("lab.json.new");
            JSON.writerWithDefaultPrettyPrinter().writeValue(next.toFile(), state);
            Files.move(next, file(), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void sleep() {
        try {
            TimeUnit.MILLISECONDS.sleep(200);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
