<?php
/**
 * What is done about a post, and why: what editors are shown and what is kept with the post.
 *
 * @package Copytaster
 */

namespace Copytaster;

use WP_Error;

defined( 'ABSPATH' ) || exit;

/** One decision about one version of a post. */
final class Decision {

	const CLEARED    = 'cleared';    // Checked; may be published.
	const NOTED      = 'noted';      // A live post was changed and an editor should look; it stays live.
	const HELD       = 'held';       // Waits for an editor.
	const UNCHECKED  = 'unchecked';  // The service could not be asked.
	const OVERRIDDEN = 'overridden'; // An editor published it against the verdict.

	/** One of the states.
	 *
	 * @var string */
	public $state;

	/** Whether the post may be, or stay, published.
	 *
	 * @var bool */
	public $passes;

	/** The words that it is about; see Item::digest().
	 *
	 * @var string */
	public $digest;

	/** Action, summary, reasons, filler, matches and differences, short enough to be kept with the post.
	 *
	 * @var array */
	public $evidence;

	/** What the editor wrote who published it anyway.
	 *
	 * @var string */
	public $note = '';

	/** That editor, or 0.
	 *
	 * @var int */
	public $editor = 0;

	/** When it was made, as seconds since 1970.
	 *
	 * @var int */
	public $made;

	/**
	 * Decides about an item.
	 *
	 * @param array          $item   As it was checked.
	 * @param array|WP_Error $answer The verdict, or why there is none.
	 * @param bool           $live   Whether readers have an earlier version of it now.
	 * @param string         $note   Why somebody who may do so wants it published anyway; empty: nobody does.
	 * @param int            $editor Who that is.
	 */
	public static function about( array $item, $answer, $live, $note = '', $editor = 0 ) {
		$made           = new self();
		$made->digest   = Item::digest( $item );
		$made->made     = time();
		$made->evidence = is_wp_error( $answer ) ? self::nothing_known( $answer ) : self::evidence( $answer );
		$made->state    = self::state_of( $answer, $live );
		$made->passes   = in_array( $made->state, array( self::CLEARED, self::NOTED ), true );
		if ( self::UNCHECKED === $made->state ) {
			// A correction of what readers already have must not wait for a machine.
			$made->passes = $live || 'publish' === Settings::get( 'unreachable' );
		}
		if ( '' !== $note && self::CLEARED !== $made->state ) {
			$made->state  = self::OVERRIDDEN;
			$made->passes = true;
			$made->note   = $note;
			$made->editor = $editor;
		}
		return $made;
	}

	/** The decision that is kept with a post, or null. */
	public static function of_post( $post_id ) {
		$stored = get_post_meta( $post_id, '_copytaster', true );
		if ( ! is_array( $stored ) ) {
			return null;
		}
		$found = new self();
		foreach ( $stored as $name => $value ) {
			if ( property_exists( $found, $name ) ) {
				$found->$name = $value;
			}
		}
		return $found;
	}

	/** The same about a post that readers have and keep: somebody should look at it, nothing is taken away. */
	public function of_live() {
		if ( self::HELD === $this->state ) {
			$this->state  = self::NOTED;
			$this->passes = true;
		}
		return $this;
	}

	/** Keeps it with a post. */
	public function keep( $post_id ) {
		update_post_meta( $post_id, '_copytaster', wp_slash( get_object_vars( $this ) ) );
	}

	/** Every reason in one sentence after another. */
	public function why() {
		return implode( ' ', array_map( array( __CLASS__, 'sentence' ), array_column( $this->evidence['reasons'], 'text' ) ) );
	}

	/** The state in words. */
	public function label() {
		$labels = array(
			self::CLEARED    => __( 'Checked', 'copytaster' ),
			self::NOTED      => __( 'Live; please look', 'copytaster' ),
			self::HELD       => __( 'Held', 'copytaster' ),
			self::UNCHECKED  => __( 'Not checked yet', 'copytaster' ),
			self::OVERRIDDEN => __( 'Published by an editor', 'copytaster' ),
		);
		return $labels[ $this->state ];
	}

	/** What a verdict comes to. */
	private static function state_of( $answer, $live ) {
		if ( is_wp_error( $answer ) ) {
			return self::UNCHECKED;
		}
		if ( 'publish' === ( $answer['action'] ?? '' ) ) {
			return self::CLEARED;
		}
		return $live && 'review' === ( $answer['action'] ?? '' ) ? self::NOTED : self::HELD;
	}

	/** The part of a verdict that a person reads. */
	private static function evidence( array $verdict ) {
		return array(
			'action'  => (string) ( $verdict['action'] ?? 'review' ),
			'reasons' => self::with_titles( self::pick( $verdict['reasons'] ?? array(), array( 'code', 'text' ), 20 ), $verdict['matches'] ?? array() ),
			'filler'  => self::pick( $verdict['quality']['filler'] ?? array(), array( 'text', 'reason' ), 20 ),
			'matches' => array_map( array( __CLASS__, 'match' ), array_slice( $verdict['matches'] ?? array(), 0, 5 ) ),
		);
	}

	/** The same where there is no verdict. */
	private static function nothing_known( WP_Error $error ) {
		return array(
			'action'  => '',
			'reasons' => array( array( 'code' => $error->get_error_code(), 'text' => $error->get_error_message() ) ),
			'filler'  => array(),
			'matches' => array(),
		);
	}

	/** Reasons that name earlier items as people know them, instead of by id and measures. */
	private static function with_titles( array $reasons, array $matches ) {
		foreach ( $matches as $match ) {
			$title = '' === ( $match['title'] ?? '' ) ? $match['id'] : $match['title'];
			foreach ( $reasons as &$reason ) {
				$reason['text'] = preg_replace_callback(
					'~of ' . preg_quote( $match['id'], '~' ) . ' \([^)]*\)~u',
					function () use ( $title ) {
						return "of “{$title}”";
					},
					$reason['text']
				);
			}
			unset( $reason );
		}
		return $reasons;
	}

	/** An earlier item and what it shares. */
	private static function match( array $match ) {
		$kinds = array(
			'exact'     => __( 'the same text', 'copytaster' ),
			'near'      => __( 'the same story with light edits', 'copytaster' ),
			'contained' => __( 'holds this whole text', 'copytaster' ),
			'contains'  => __( 'is contained in this text', 'copytaster' ),
			'update'    => __( 'an earlier version of this text', 'copytaster' ),
			'related'   => __( 'shares passages', 'copytaster' ),
			'template'  => __( 'the same form with other facts', 'copytaster' ),
		);
		return array(
			'id'           => (string) ( $match['id'] ?? '' ),
			'title'        => (string) ( $match['title'] ?? '' ),
			'url'          => esc_url_raw( (string) ( $match['url'] ?? '' ), array( 'http', 'https' ) ),
			'source'       => (string) ( $match['source'] ?? '' ),
			'published'    => (string) ( $match['published'] ?? '' ),
			'kind'         => $kinds[ $match['kind'] ?? '' ] ?? (string) ( $match['kind'] ?? '' ),
			'is_duplicate' => (bool) ( $match['is_duplicate'] ?? false ),
			'share'        => (int) round( 100 * (float) ( $match['containment'] ?? 0 ) ),
			'passages'     => array_map( array( __CLASS__, 'short' ), array_column( array_slice( $match['passages'] ?? array(), 0, 5 ), 'text' ) ),
			'differs'      => self::pick( $match['differs'] ?? array(), array( 'here', 'there' ), 10 ),
		);
	}

	/** The first rows of a list, with these fields as short strings. */
	private static function pick( array $rows, array $names, $limit ) {
		$picked = array();
		foreach ( array_slice( $rows, 0, $limit ) as $row ) {
			$fields = array();
			foreach ( $names as $name ) {
				$fields[ $name ] = self::short( (string) ( $row[ $name ] ?? '' ) );
			}
			$picked[] = $fields;
		}
		return $picked;
	}

	/** At most 400 characters, cut at a word. */
	private static function short( $text ) {
		if ( mb_strlen( $text ) <= 400 ) {
			return $text;
		}
		return preg_replace( '/\s+\S*$/u', '', mb_substr( $text, 0, 399 ) ) . '…';
	}

	/** A text with a capital and a full stop. */
	private static function sentence( $text ) {
		$text = mb_strtoupper( mb_substr( $text, 0, 1 ) ) . mb_substr( $text, 1 );
		return preg_match( '/[.!?…]$/u', $text ) ? $text : "$text.";
	}
}
