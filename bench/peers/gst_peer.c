/* The peer of `npm run bench -- stream`: the same clip at the same rate through GStreamer, as two
 * processes, with the time of each frame.
 *
 *   gst_peer send CLIP PORT BITRATE SECONDS
 *   gst_peer receive PORT default|tuned        (until SIGTERM)
 *
 * At the end it prints one line "frame MICROSECONDS" for each frame, in order, by CLOCK_MONOTONIC:
 * the sender when the frame reaches the encoder (after the pacing, as from a camera), the receiver
 * when the sink has it. Then "cpu SECONDS" of user and system time. "ready" comes when packets can
 * be received. Encoder settings are those of boardcast where GStreamer has them: one slice, one
 * thread, bitrate mode, low complexity, no frame skipping, key frames on request only. */
#include <glib-unix.h>
#include <gst/gst.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

static const char kMp4[] = "qtdemux ! h264parse ! openh264dec";
static const char kY4m[] = "y4mdec";

static const char kSender[] =
    "filesrc name=file ! %s ! identity name=camera sync=true ! "
    "openh264enc name=encoder rate-control=bitrate bitrate=%u complexity=low "
    "background-detection=false adaptive-quantization=false enable-frame-skip=false "
    "gop-size=0 multi-thread=1 num-slices=1 ! "
    "rtph264pay mtu=1200 config-interval=-1 aggregate-mode=zero-latency pt=96 ! "
    "udpsink host=127.0.0.1 port=%u sync=false";

/* As people write it first: the sink holds each frame until the jitter buffer's 200 ms are over.
 * Tuned: nothing waits. */
static const char kReceiver[] =
    "udpsrc address=127.0.0.1 port=%u buffer-size=2000000 "
    "caps=\"application/x-rtp,media=video,clock-rate=90000,"
    "encoding-name=H264,payload=96\" ! rtpjitterbuffer %s ! rtph264depay ! h264parse ! "
    "openh264dec ! fakesink name=sink signal-handoffs=true %s";

typedef struct {
  GMainLoop* loop;
  GstElement* pipeline;
  GArray* times;    /* of gint64, appended by one streaming thread, read after it has ended */
  gboolean looping; /* an MP4 clip starts again at its end; Y4M cannot be sought in */
  gboolean failed;
} Peer;

static void RecordTime(Peer* peer) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  gint64 microseconds = (gint64)now.tv_sec * 1000000 + now.tv_nsec / 1000;
  g_array_append_val(peer->times, microseconds);
}

static GstPadProbeReturn OnEncoderInput(GstPad* pad, GstPadProbeInfo* info, gpointer data) {
  (void)pad;
  (void)info;
  RecordTime(data);
  return GST_PAD_PROBE_OK;
}

static void OnHandoff(GstElement* sink, GstBuffer* buffer, GstPad* pad, gpointer data) {
  (void)sink;
  (void)buffer;
  (void)pad;
  RecordTime(data);
}

/* A segment seek: the end of the clip gives SEGMENT_DONE instead of EOS, and the time goes on. */
static gboolean PlayFromStart(Peer* peer, GstSeekFlags flags) {
  return gst_element_seek(peer->pipeline, 1.0, GST_FORMAT_TIME, GST_SEEK_FLAG_SEGMENT | flags,
                          GST_SEEK_TYPE_SET, 0, GST_SEEK_TYPE_NONE, 0);
}

static gboolean OnMessage(GstBus* bus, GstMessage* message, gpointer data) {
  Peer* peer = data;
  (void)bus;
  switch (GST_MESSAGE_TYPE(message)) {
    case GST_MESSAGE_SEGMENT_DONE:
      PlayFromStart(peer, 0);
      break;
    case GST_MESSAGE_EOS:
      g_main_loop_quit(peer->loop);
      break;
    case GST_MESSAGE_ERROR: {
      GError* error = NULL;
      gst_message_parse_error(message, &error, NULL);
      fprintf(stderr, "gst_peer: %s\n", error->message);
      g_error_free(error);
      peer->failed = TRUE;
      g_main_loop_quit(peer->loop);
      break;
    }
    default:
      break;
  }
  return G_SOURCE_CONTINUE;
}

static gboolean OnStop(gpointer data) {
  g_main_loop_quit(((Peer*)data)->loop);
  return G_SOURCE_CONTINUE;
}

static GstElement* ParsePipeline(const char* text) {
  GError* error = NULL;
  GstElement* pipeline = gst_parse_launch(text, &error);
  if (error != NULL) {
    fprintf(stderr, "gst_peer: %s\n", error->message);
    exit(EXIT_FAILURE);
  }
  return pipeline;
}

static gboolean OnDemuxerReady(gpointer data) {
  Peer* peer = data;
  if (peer->looping && !PlayFromStart(peer, GST_SEEK_FLAG_FLUSH)) {
    fprintf(stderr, "gst_peer: the clip cannot be looped\n");
    peer->failed = TRUE;
    g_main_loop_quit(peer->loop);
  }
  gst_element_set_state(peer->pipeline, GST_STATE_PLAYING);
  return G_SOURCE_REMOVE;
}

static GstPadProbeReturn OnFirstFrame(GstPad* pad, GstPadProbeInfo* info, gpointer data) {
  (void)pad;
  (void)info;
  g_idle_add(OnDemuxerReady, data);
  return GST_PAD_PROBE_REMOVE;
}

static void AddProbe(Peer* peer, const char* name, GstPadProbeCallback callback) {
  GstElement* element = gst_bin_get_by_name(GST_BIN(peer->pipeline), name);
  GstPad* pad = gst_element_get_static_pad(element, "sink");
  gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_BUFFER, callback, peer, NULL);
  gst_object_unref(pad);
  gst_object_unref(element);
}

/* Stays paused until the first frame is there: before that a demuxer cannot seek, and without a
 * segment seek a clip cannot be looped. */
static void SetUpSender(Peer* peer, const char* clip, unsigned port, unsigned bitrate) {
  char text[1024];
  peer->looping = !g_str_has_suffix(clip, ".y4m");
  snprintf(text, sizeof text, kSender, peer->looping ? kMp4 : kY4m, bitrate, port);
  peer->pipeline = ParsePipeline(text);
  GstElement* file = gst_bin_get_by_name(GST_BIN(peer->pipeline), "file");
  g_object_set(file, "location", clip, NULL);
  gst_object_unref(file);
  AddProbe(peer, "camera", OnFirstFrame);
  AddProbe(peer, "encoder", OnEncoderInput);
}

static void SetUpReceiver(Peer* peer, unsigned port, gboolean tuned) {
  char text[1024];
  snprintf(text, sizeof text, kReceiver, port, tuned ? "latency=0" : "",
           tuned ? "sync=false" : "sync=true");
  peer->pipeline = ParsePipeline(text);
  GstElement* sink = gst_bin_get_by_name(GST_BIN(peer->pipeline), "sink");
  g_signal_connect(sink, "handoff", G_CALLBACK(OnHandoff), peer);
  gst_object_unref(sink);
}

static void PrintResults(const Peer* peer) {
  for (guint i = 0; i < peer->times->len; ++i) {
    printf("frame %" G_GINT64_FORMAT "\n", g_array_index(peer->times, gint64, i));
  }
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  printf("cpu %.3f\n", (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
                           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6);
}

int main(int argc, char** argv) {
  gst_init(&argc, &argv);
  Peer peer = {g_main_loop_new(NULL, FALSE), NULL, g_array_new(FALSE, FALSE, sizeof(gint64)), FALSE,
               FALSE};
  gboolean sending = argc == 6 && strcmp(argv[1], "send") == 0;
  if (sending) {
    SetUpSender(&peer, argv[2], (unsigned)atoi(argv[3]), (unsigned)atoi(argv[4]));
    g_timeout_add((guint)atoi(argv[5]) * 1000, OnStop, &peer);
  } else if (argc == 4 && strcmp(argv[1], "receive") == 0) {
    SetUpReceiver(&peer, (unsigned)atoi(argv[2]), strcmp(argv[3], "tuned") == 0);
  } else {
    fprintf(stderr, "usage: gst_peer send CLIP PORT BITRATE SECONDS | receive PORT MODE\n");
    return 2;
  }
  GstBus* bus = gst_element_get_bus(peer.pipeline);
  gst_bus_add_watch(bus, OnMessage, &peer);
  g_unix_signal_add(SIGTERM, OnStop, &peer);
  g_unix_signal_add(SIGINT, OnStop, &peer);
  GstState first_state = sending ? GST_STATE_PAUSED : GST_STATE_PLAYING;
  gboolean started = gst_element_set_state(peer.pipeline, first_state) != GST_STATE_CHANGE_FAILURE;
  if (started) {
    printf("ready\n");
    fflush(stdout);
    g_main_loop_run(peer.loop);
  }
  gst_element_set_state(peer.pipeline, GST_STATE_NULL);
  PrintResults(&peer);
  return started && !peer.failed ? EXIT_SUCCESS : EXIT_FAILURE;
}
